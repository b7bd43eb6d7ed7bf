//! Everything that the process logs, at `trace`, and a search in it.

use std::{
    fmt::{Debug, Write as _},
    sync::{Mutex, Once},
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

/// One entry an event, a span or a record of one, as the product handed it to `tracing`: not escaped by any formatter.
static ENTRIES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The log of the whole process from where it was opened. Tests that run at the same time write to it too, so look for
/// what is unique, such as a part of a token.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    from: usize,
}

impl Log {
    /// Starts to collect, or to look from here on.
    pub fn open() -> Self {
        static START: Once = Once::new();
        START.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(Collector);
            tracing::subscriber::set_global_default(subscriber).expect("nobody else collects logs");
        });
        Self { from: ENTRIES.lock().unwrap().len() }
    }

    /// The entries that hold this text.
    pub fn containing(&self, text: &str) -> Vec<String> {
        let entries = ENTRIES.lock().unwrap();
        entries[self.from..].iter().filter(|entry| entry.contains(text)).cloned().collect()
    }

    /// Fails when a part of this credential, or the whole, was logged. See [`secrets_of`].
    pub fn assert_hides(&self, case: &str, credential: &str) {
        for secret in secrets_of(credential) {
            let found = self.containing(secret);
            assert!(found.is_empty(), "{case}: the log shows {secret:?} of the credential: {found:?}");
        }
    }

    /// Fails when an entry that holds `text` also holds a raw control character or one that turns the writing round.
    pub fn assert_escaped(&self, case: &str, text: &str) {
        for entry in self.containing(text) {
            let raw = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!entry.contains(raw), "{case}: the log has raw control characters: {entry:?}");
        }
    }
}

/// Texts no log and no answer may have: the beginning and the end of each part of a token that is long enough to be told
/// from other text. Headers are left out: every token of an issuer has the same, and it is public.
pub fn secrets_of(credential: &str) -> Vec<&str> {
    const LENGTH: usize = 16;
    let token = credential.split_once(' ').map_or(credential, |(_, token)| token);
    let parts = token.split('.').skip(1).take(8);
    let cut = parts.filter_map(|part| Some([part.get(..LENGTH)?, part.get(part.len().checked_sub(LENGTH)?..)?]));
    // A part of one and the same character, such as zeros in base64, is no secret.
    cut.flatten().filter(|text| text.bytes().any(|byte| byte != text.as_bytes()[0])).collect()
}

struct Collector;

impl<S: Subscriber> Layer<S> for Collector {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut entry = Entry::new(span.metadata());
        span.record(&mut entry);
        entry.keep();
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut entry = Entry("record".to_owned());
        values.record(&mut entry);
        entry.keep();
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut entry = Entry::new(event.metadata());
        event.record(&mut entry);
        entry.keep();
    }
}

struct Entry(String);

impl Entry {
    fn new(metadata: &tracing::Metadata<'_>) -> Self {
        Self(format!("{} {} {}", metadata.level(), metadata.target(), metadata.name()))
    }

    fn keep(self) {
        ENTRIES.lock().unwrap().push(self.0);
    }
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }

    /// As it is: Debug would escape it.
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {}={value}", field.name());
    }
}
