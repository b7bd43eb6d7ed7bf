//! Nothing but tests: the method table of `temporal-authz` and the scanner of `temporal-interceptor`, compared with
//! Temporal's own descriptors.
