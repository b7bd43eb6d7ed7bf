//! Everything that is logged on a test's own thread, where its gateway runs too, as the product handed it over: not escaped by any
//! formatter.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{
    EnvFilter, Layer,
    layer::{Context, SubscriberExt as _},
};

pub struct Log {
    entries: Entries,
    _guard: DefaultGuard,
}

/// One an event, a span, or a record of one: level, target, message, fields.
type Entries = Arc<Mutex<Vec<String>>>;

impl Log {
    /// What `filter` lets through.
    pub fn start(filter: &str) -> Self {
        let entries = Entries::default();
        let collector = Collector(Arc::clone(&entries)).with_filter(EnvFilter::new(filter));
        let subscriber = tracing_subscriber::registry().with(collector);
        Self { entries, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// Entries so far.
    pub fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    /// The entries behind the first so many.
    pub fn since(&self, start: usize) -> Vec<String> {
        self.entries.lock().unwrap()[start..].to_vec()
    }

    /// The first entry that holds this text.
    pub fn find(&self, text: &str) -> Option<String> {
        self.entries.lock().unwrap().iter().find(|entry| entry.contains(text)).cloned()
    }
}

struct Collector(Entries);

impl Collector {
    fn add(&self, head: String, record: impl FnOnce(&mut dyn Visit)) {
        let mut entry = Entry(head);
        record(&mut entry);
        self.0.lock().unwrap().push(entry.0);
    }
}

impl<S: Subscriber> Layer<S> for Collector {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        self.add(format!("{} {}:", metadata.level(), metadata.target()), |visit| event.record(visit));
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.add(format!("span {}:", attributes.metadata().name()), |visit| attributes.record(visit));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.add("record:".to_owned(), |visit| values.record(visit));
    }
}

struct Entry(String);

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => write!(self.0, " {value:?}").unwrap(),
            name => write!(self.0, " {name}={value:?}").unwrap(),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {}={value}", field.name()).unwrap();
    }
}
