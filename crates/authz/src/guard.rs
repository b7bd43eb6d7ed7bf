//! The enforcement core: who is calling, and may it.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use crate::{
    AuthInfo, AuthorizeError, Authorizer, CallTarget, ClaimError, ClaimMapper, Claims, Decision, DecisionEvent, Denial,
    GrantedTarget, MethodInfo, MethodTable, Observer, Permit, Reason, Refused, Timer,
    bounded::{Interrupted, bounded, caught},
    decision::CalledAs,
    observe,
};

/// Asks the plug-ins and makes the verdict: the one place that makes a [`Permit`] or a [`Denial`], and tells the
/// observers of each. A layer, or any other front, only translates to and from it.
pub struct Guard {
    mapper: Arc<dyn ClaimMapper>,
    authorizer: Arc<dyn Authorizer>,
    methods: MethodTable,
    observers: Vec<Arc<dyn Observer>>,
    timer: Option<Arc<dyn Timer>>,
    mapper_timeout: Duration,
    authorizer_timeout: Duration,
    policy_version: u64,
}

/// A caller, after its credentials were looked at.
#[derive(Debug, Clone)]
pub struct Identity {
    claims: Option<Claims>,
    credentials_absent: bool,
}

impl Identity {
    /// The caller's claims; `None` when it is nobody.
    pub fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }
}

/// Everything that one call wants to do: the call itself, then what its commands do elsewhere.
#[derive(Debug, Clone)]
pub struct Targets<'a> {
    direct: CallTarget<'a>,
    commands: Vec<CallTarget<'a>>,
}

impl<'a> Targets<'a> {
    /// A call that does what it says and nothing else.
    #[inline]
    pub fn new(direct: CallTarget<'a>) -> Self {
        Self { direct, commands: Vec::new() }
    }

    /// Adds what its commands do.
    pub fn with_commands(mut self, commands: Vec<CallTarget<'a>>) -> Self {
        self.commands = commands;
        self
    }

    #[inline]
    fn iter(&self) -> impl Iterator<Item = &CallTarget<'a>> {
        std::iter::once(&self.direct).chain(&self.commands)
    }
}

impl Guard {
    /// A guard over Temporal's methods.
    pub fn new(mapper: impl ClaimMapper, authorizer: impl Authorizer) -> Self {
        Self::builder(Arc::new(mapper), Arc::new(authorizer)).build()
    }

    /// A guard, to be completed.
    pub fn builder(mapper: Arc<dyn ClaimMapper>, authorizer: Arc<dyn Authorizer>) -> GuardBuilder {
        const TIMEOUT: Duration = Duration::from_secs(10);
        GuardBuilder(Self {
            mapper,
            authorizer,
            methods: MethodTable::temporal(),
            observers: Vec::new(),
            timer: None,
            mapper_timeout: TIMEOUT,
            authorizer_timeout: TIMEOUT,
            policy_version: 0,
        })
    }

    /// What is known of the method at `path`.
    #[inline]
    pub fn method(&self, path: &str) -> &MethodInfo {
        self.methods.find(path)
    }

    /// Who is calling `api_name`.
    ///
    /// # Errors
    /// The credentials are bad, or nothing can be said of them. Absent credentials are no error: the authorizer judges
    /// nobody.
    pub async fn authenticate(&self, api_name: &str, info: &AuthInfo<'_>) -> Result<Identity, Denial> {
        match self.claims(info).await {
            Ok(Ok(claims)) => Ok(Identity { claims, credentials_absent: !info.has_credentials() }),
            Ok(Err(error)) => Err(self.refuse(api_name, None, error.reason(), &described(&error))),
            Err(cut) => Err(self.refuse(api_name, None, Reason::MapperError, cut.as_str())),
        }
    }

    /// Who is calling, if the claim mapper knows these credentials to be good without any work. A limiter asks this before it
    /// counts; whoever is not at hand may well be good.
    #[inline]
    pub fn identity_at_hand(&self, info: &AuthInfo<'_>) -> Option<Identity> {
        match self.claims_at_hand(info) {
            Ok(Some(Ok(claims))) => Some(Identity { claims, credentials_absent: !info.has_credentials() }),
            _ => None,
        }
    }

    /// Whether the authorizer wants to see the request of this caller.
    #[inline]
    pub fn needs_request(&self, identity: &Identity, method: &MethodInfo) -> bool {
        caught(|| self.authorizer.needs_request(identity.claims(), method)).unwrap_or(true)
    }

    /// Whether the caller may do all of `targets`; the first refusal refuses the call.
    ///
    /// # Errors
    /// The caller may not, or there is no verdict.
    pub async fn authorize(&self, identity: &Identity, targets: &Targets<'_>) -> Result<Permit, Denial> {
        let mut called_as = CalledAs::default();
        for (index, target) in targets.iter().enumerate() {
            let allowed = match self.allowed_at_hand(identity, target) {
                Some(allowed) => allowed?,
                None => self.allowed(identity, target).await?,
            };
            if index == 0 {
                called_as = allowed;
            }
        }
        self.permit(identity.clone(), called_as, targets)
    }

    /// The same, if the authorizer knows without any work.
    ///
    /// # Errors
    /// The identity comes back when the authorizer has to work: then [`authorize`](Guard::authorize) asks it.
    #[inline]
    pub fn authorize_at_hand(
        &self,
        identity: Identity,
        targets: &Targets<'_>,
    ) -> Result<Result<Permit, Denial>, Identity> {
        let mut called_as = CalledAs::default();
        for (index, target) in targets.iter().enumerate() {
            match self.allowed_at_hand(&identity, target) {
                Some(Ok(allowed)) if index == 0 => called_as = allowed,
                Some(Ok(_)) => {}
                Some(Err(denial)) => return Ok(Err(denial)),
                None => return Err(identity),
            }
        }
        Ok(self.permit(identity, called_as, targets))
    }

    /// The proof, once no observer objects.
    #[inline]
    fn permit(&self, identity: Identity, called_as: CalledAs, targets: &Targets<'_>) -> Result<Permit, Denial> {
        for target in targets.iter() {
            if self.report(&event(identity.claims(), target)).is_err() {
                return Err(self.deny(&identity, target, Reason::ObserverRefused, ""));
            }
        }
        let (call, commands) = (&targets.direct, &targets.commands);
        let commands =
            if commands.is_empty() { Vec::new() } else { commands.iter().map(GrantedTarget::from).collect() };
        Ok(Permit::new(identity.claims, called_as, call.into(), commands, self.policy_version))
    }

    /// Denies a call that never came to a verdict: a path, a header or a body that is not acceptable. `detail` is for
    /// logs.
    pub fn refuse(&self, api_name: &str, identity: Option<&Identity>, reason: Reason, detail: &str) -> Denial {
        self.report_denied(DecisionEvent {
            api_name,
            namespace: None,
            subject: identity.and_then(Identity::claims).map(Claims::subject),
            denied: Some(reason),
            detail: Some(detail),
        })
    }

    async fn claims(&self, info: &AuthInfo<'_>) -> Result<Result<Option<Claims>, ClaimError>, Interrupted> {
        if let Some(answer) = self.claims_at_hand(info)? {
            return Ok(answer);
        }
        // In a box: few calls come this way, and all would have to carry it.
        let claims = async { self.mapper.get_claims(info).await };
        Box::pin(bounded(claims, self.timer.as_deref(), self.mapper_timeout)).await
    }

    /// What is known without any work. About nobody only a mapper is asked that wants to be.
    #[inline]
    fn claims_at_hand(&self, info: &AuthInfo<'_>) -> Result<Option<Result<Option<Claims>, ClaimError>>, Interrupted> {
        caught(|| {
            let nobody = !info.has_credentials() && self.mapper.auth_info_required();
            if nobody { Some(Ok(None)) } else { self.mapper.claims_at_hand(info) }
        })
    }

    /// As whom the caller may do this, if the authorizer says so without any work.
    #[inline]
    fn allowed_at_hand(&self, identity: &Identity, target: &CallTarget<'_>) -> Option<Result<CalledAs, Denial>> {
        match caught(|| self.authorizer.verdict_at_hand(identity.claims(), target)) {
            Ok(answer) => Some(self.settle(identity, target, answer?)),
            Err(cut) => Some(Err(self.deny(identity, target, Reason::AuthorizerError, cut.as_str()))),
        }
    }

    async fn allowed(&self, identity: &Identity, target: &CallTarget<'_>) -> Result<CalledAs, Denial> {
        let verdict = async { self.authorizer.authorize(identity.claims(), target).await };
        match bounded(verdict, self.timer.as_deref(), self.authorizer_timeout).await {
            Ok(answer) => self.settle(identity, target, answer),
            Err(cut) => Err(self.deny(identity, target, Reason::AuthorizerError, cut.as_str())),
        }
    }

    #[inline]
    fn settle(
        &self,
        identity: &Identity,
        target: &CallTarget<'_>,
        answer: Result<Decision, AuthorizeError>,
    ) -> Result<CalledAs, Denial> {
        match answer {
            Ok(Decision::Allow(allow)) => Ok(allow.into_called_as()),
            Ok(Decision::Deny(deny)) => {
                let (reason, message) = deny.into_parts();
                let reason = identity.explain(reason);
                let denial = self.deny(identity, target, reason, message.as_deref().unwrap_or_default());
                Err(denial.with_message(message))
            }
            Err(error) => {
                let denial = self.deny(identity, target, Reason::AuthorizerError, &error.to_string());
                Err(denial.with_error(error.wire_status()))
            }
        }
    }

    fn deny(&self, identity: &Identity, target: &CallTarget<'_>, reason: Reason, detail: &str) -> Denial {
        let event = event(identity.claims(), target);
        self.report_denied(DecisionEvent { denied: Some(reason), detail: Some(detail), ..event })
    }

    // A denial stands whatever the observers make of it.
    fn report_denied(&self, event: DecisionEvent<'_>) -> Denial {
        let _ = self.report(&event);
        Denial::new(event.denied.unwrap_or(Reason::DeniedByPolicy))
    }

    #[inline]
    fn report(&self, event: &DecisionEvent<'_>) -> Result<(), Refused> {
        let mut verdict = Ok(());
        for observer in &self.observers {
            let told = caught(|| observer.decided(event)).unwrap_or(Err(Refused));
            verdict = verdict.and(told);
        }
        if verdict.is_ok() || event.denied.is_some() {
            observe::decided(event);
        }
        verdict
    }
}

impl Identity {
    /// "Nobody" is a matter of the credentials when there were none.
    fn explain(&self, reason: Reason) -> Reason {
        if reason == Reason::NoClaims && self.credentials_absent { Reason::MissingCredentials } else { reason }
    }
}

impl From<&CallTarget<'_>> for GrantedTarget {
    #[inline]
    fn from(target: &CallTarget<'_>) -> Self {
        let (path, method) = (target.api_name(), target.method());
        let api_name = if path == method.path() { method.shared_path() } else { Cow::Owned(path.to_owned()) };
        Self { api_name, namespace: target.namespace().into() }
    }
}

#[inline]
fn event<'a>(claims: Option<&'a Claims>, target: &CallTarget<'a>) -> DecisionEvent<'a> {
    DecisionEvent {
        api_name: target.api_name(),
        namespace: Some(target.namespace()),
        subject: claims.map(Claims::subject),
        denied: None,
        detail: None,
    }
}

fn described(error: &ClaimError) -> String {
    match error {
        ClaimError::Rejected { detail, .. } => detail.clone().unwrap_or_default(),
        ClaimError::Unavailable { source, .. } => source.to_string(),
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("mapper", &self.mapper)
            .field("authorizer", &self.authorizer)
            .field("observers", &self.observers)
            .field("policy_version", &self.policy_version)
            .finish_non_exhaustive()
    }
}

/// Collects the parts of a [`Guard`].
#[derive(Debug)]
pub struct GuardBuilder(Guard);

impl GuardBuilder {
    /// Sets the methods that are known; Temporal's by default.
    pub fn methods(mut self, methods: MethodTable) -> Self {
        self.0.methods = methods;
        self
    }

    /// Adds an observer of every verdict.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.0.observers.push(observer);
        self
    }

    /// Sets the timer that holds plug-ins to their time. Without one they may take as long as they like.
    pub fn timer(mut self, timer: Arc<dyn Timer>) -> Self {
        self.0.timer = Some(timer);
        self
    }

    /// Sets how long the claim mapper may take; 10 s by default.
    pub fn mapper_timeout(mut self, limit: Duration) -> Self {
        self.0.mapper_timeout = limit;
        self
    }

    /// Sets how long the authorizer may take for one target; 10 s by default.
    pub fn authorizer_timeout(mut self, limit: Duration) -> Self {
        self.0.authorizer_timeout = limit;
        self
    }

    /// Sets a number that permits carry, so that a record tells which policy allowed a call; 0 by default.
    pub fn policy_version(mut self, version: u64) -> Self {
        self.0.policy_version = version;
        self
    }

    /// The guard.
    pub fn build(self) -> Guard {
        self.0
    }
}
