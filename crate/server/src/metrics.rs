//! Counts for the operator, in Prometheus' text format (OpenMetrics 1.0). None names a vault, an object or an address.

use std::time::Duration;

use axum::http::Method;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram>,
    logins: Family<Login, Counter>,
    grants: Family<Grant, Counter>,
    /// Objects that are coming in.
    pub uploads: Gauge,
    pub received: Counter,
    pub sent: Counter,
    /// Objects that owners had marked.
    pub erased: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Login {
    /// `started`, `succeeded`, `failed` or `limited`.
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Grant {
    method: &'static str,
}

impl Metrics {
    pub fn new() -> Self {
        // From half a millisecond to half a minute.
        let histogram: fn() -> Histogram = || Histogram::new(exponential_buckets(0.0005, 2.0, 17));
        let mut metrics = Self {
            registry: Registry::with_prefix("strongroom"),
            requests: Family::default(),
            durations: Family::new_with_constructor(histogram),
            logins: Family::default(),
            grants: Family::default(),
            uploads: Gauge::default(),
            received: Counter::default(),
            sent: Counter::default(),
            erased: Counter::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("requests", "Requests answered", metrics.requests.clone());
        registry.register_with_unit("request_duration", "Until the answer began", Unit::Seconds, metrics.durations.clone());
        registry.register("logins", "Logins by outcome", metrics.logins.clone());
        registry.register("erased", "Objects erased for their owners", metrics.erased.clone());
        registry.register("grants", "URLs signed by method", metrics.grants.clone());
        registry.register("uploads", "Objects that are coming in", metrics.uploads.clone());
        registry.register_with_unit("received", "Of objects that were stored", Unit::Bytes, metrics.received.clone());
        registry.register_with_unit("sent", "Of objects that were asked for", Unit::Bytes, metrics.sent.clone());
        metrics
    }

    /// `route` is a pattern, never a path; so the number of series is bounded.
    pub fn request(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS, Method::DELETE];
        let names = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE"];
        let method = known.iter().position(|one| one == method).map_or("other", |at| names[at]);
        self.requests.get_or_create(&Request { method, route: route.to_owned(), status }).inc();
        self.durations.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    pub fn login(&self, outcome: &'static str) {
        self.logins.get_or_create(&Login { outcome }).inc();
    }

    pub fn grant(&self, method: &'static str) {
        self.grants.get_or_create(&Grant { method }).inc();
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes everything");
        text
    }
}
