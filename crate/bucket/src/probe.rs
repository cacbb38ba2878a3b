//! What a bucket really does, found out by doing it: a storage is believed only as far as it was seen to refuse.

use std::cell::RefCell;

use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use crate::{Answer, Binding, Place, Request, Wire, list_query, parse_list, time::read_date};

/// What is promised of stored objects, never more than was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Changes are found when reading, nothing more.
    TamperEvident,
    /// One of the two: other bytes than signed are refused, or what is there cannot be overwritten.
    AppendOnly,
    /// Other bytes than signed are refused, and what is there cannot be overwritten.
    Immutable,
}

/// Whom the level is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// One who gets presigned URLs of a broker, and nothing else.
    Urls,
    /// One who has the keys themselves, as a page on a bucket of its user's own.
    Keys,
}

#[derive(Clone, Debug)]
pub struct Probe {
    pub level: Level,
    pub binding: Binding,
    /// What is missing, a sentence each.
    pub findings: Vec<String>,
    /// What was tried, and whether it does it.
    pub tried: Vec<(&'static str, bool)>,
}

impl Level {
    /// `append-only`
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TamperEvident => "tamper-evident",
            Self::AppendOnly => "append-only",
            Self::Immutable => "immutable",
        }
    }
}

const RIGHT: &[u8; 4096] = &[1; 4096];
const WRONG: &[u8; 4096] = &[2; 4096];
/// Writers of one name at a time.
const RACERS: usize = 64;
/// More than this between two clocks, and signed addresses of five minutes begin to fail.
const SKEW_MS: i64 = 120_000;

struct Bench<'a, W> {
    wire: &'a W,
    folder: String,
    /// Of objects that may be there.
    names: RefCell<Vec<String>>,
    tried: RefCell<Vec<(&'static str, bool)>>,
    findings: RefCell<Vec<String>>,
}

/// Tries the bucket out, with some hundred small requests under a name of its own.
///
/// # Errors
/// A sentence: the bucket cannot be used at all.
pub async fn run<W: Wire>(wire: &W, place: &Place, holder: Holder) -> Result<Probe, String> {
    let folder = place.key(&format!("probe/{}/", wire.name()));
    let (names, tried, findings) = Default::default();
    let bench = Bench { wire, folder, names, tried, findings };
    let probe = bench.all(holder).await;
    bench.clean_up().await;
    probe
}

impl<W: Wire> Bench<'_, W> {
    async fn all(&self, holder: Holder) -> Result<Probe, String> {
        // With the condition where the bucket takes it: a policy may ask for it.
        let absent = Binding { absence: true, ..Binding::default() };
        let mut usual = absent;
        let mut first = self.put("plain", usual, RIGHT, RIGHT).await?;
        if !first.is_success() {
            usual = Binding::default();
            first = self.put("plain", usual, RIGHT, RIGHT).await?;
        }
        self.clock(&first);
        if !first.is_success() {
            // A clock that is seen to be wrong is reason enough.
            let clock = self.findings.take().pop();
            return Err(format!("it does not take an object ({}): {}", first.reason(), clock.as_deref().unwrap_or(first.remedy())));
        }
        if self.range("plain").await? != RIGHT[..3] {
            return Err("it does not give a range of an object".into());
        }
        self.note("gives ranges of objects", true);
        self.pages(usual).await?;
        self.note("lists objects in pages, in order", true);

        let mut binding = self.bindings(usual).await?;
        let lengths = self.length(usual).await?;
        // If-None-Match: again, with other bytes, is refused; and of many at once one wins.
        let bound = Binding { absence: true, ..binding };
        let once = self.put("once", bound, RIGHT, RIGHT).await?;
        let again = self.put("once", bound, WRONG, WRONG).await?;
        let kept = once.is_success() && again.is_refusal() && self.range("once").await? == RIGHT[..3];
        self.note("refuses to create an object a second time", kept);
        binding.absence = kept && self.race(bound).await?;
        if kept {
            self.note("lets one of 64 win that create an object at a time", binding.absence);
        }
        let level = match holder {
            Holder::Urls => self.against_urls(binding, lengths),
            Holder::Keys => self.against_keys().await?,
        };
        Ok(Probe { level, binding, findings: self.findings.take(), tried: self.tried.take() })
    }

    fn against_urls(&self, binding: Binding, lengths: bool) -> Level {
        let bound = binding.checksum || binding.content;
        for (well, sentence) in [
            (bound, "It takes other bytes than an address is signed for."),
            (lengths, "It takes another length than an address is signed for."),
            (binding.absence, "It lets an object be overwritten."),
        ] {
            if !well {
                self.find(sentence);
            }
        }
        match (bound, binding.absence) {
            (true, true) => Level::Immutable,
            (false, false) => Level::TamperEvident,
            _ => Level::AppendOnly,
        }
    }

    /// Whoever has the keys signs what he likes: what counts is what the bucket does not let these keys do.
    async fn against_keys(&self) -> Result<Level, String> {
        let over = self.put("plain", Binding::default(), WRONG, WRONG).await?;
        let keeps = over.is_refusal() && self.range("plain").await? == RIGHT[..3];
        self.note("does not let these keys overwrite an object", keeps);
        if !keeps {
            self.find("These keys can overwrite objects: whoever gets hold of them can destroy the vault.");
        }
        // A browser that may not even ask has not seen a refusal.
        let deleted = self.on("DELETE", "plain", vec![]).await;
        let keeps_all = deleted.is_ok_and(|answer| answer.is_refusal()) && self.exists("plain").await?;
        self.note("does not let these keys delete an object", keeps_all);
        if !keeps_all {
            self.find("These keys can delete objects, or were not seen to be refused: whoever gets hold of them can destroy the vault.");
        }
        Ok(if keeps && keeps_all { Level::Immutable } else { Level::TamperEvident })
    }

    /// Each binding: the right body goes in, another one does not, and leaves nothing behind.
    async fn bindings(&self, usual: Binding) -> Result<Binding, String> {
        let mut binding = Binding::default();
        for (name, only) in [("checksum", Binding { checksum: true, ..usual }), ("content", Binding { content: true, ..usual })] {
            let right = self.put(&format!("{name}-right"), only, RIGHT, RIGHT).await?;
            let other = format!("{name}-wrong");
            let wrong = self.put(&other, only, RIGHT, WRONG).await?;
            let enforced = right.is_success() && wrong.is_refusal() && !self.exists(&other).await?;
            if name == "checksum" {
                self.note("refuses other bytes than a signed checksum says", enforced);
                binding.checksum = enforced;
            } else {
                self.note("refuses other bytes than a signed hash of the content says", enforced);
                binding.content = enforced;
            }
        }
        Ok(binding)
    }

    async fn length(&self, usual: Binding) -> Result<bool, String> {
        let short = self.put("length", usual, RIGHT, &RIGHT[..2048]).await?;
        let enforced = short.is_refusal() && !self.exists("length").await?;
        self.note("refuses another length than an address is signed for", enforced);
        Ok(enforced)
    }

    /// Signed for `signed`, sent with `sent`.
    async fn put(&self, name: &str, binding: Binding, signed: &[u8], sent: &[u8]) -> Result<Answer, String> {
        self.touch(name);
        let headers = binding.headers(signed.len() as u64, &Sha256::digest(signed).into());
        let key = self.key(name);
        let url = self.wire.presign(&Request { method: "PUT", key: &key, query: vec![], headers: headers.clone() });
        // As a browser does: the length is that of the body.
        let sent_headers: Vec<_> = headers.into_iter().filter(|(name, _)| *name != "content-length").collect();
        self.wire.send("PUT", &url, &sent_headers, sent).await
    }

    async fn race(&self, binding: Binding) -> Result<bool, String> {
        let bodies: Vec<Vec<u8>> = (0..RACERS).map(|racer| vec![racer as u8; 4096]).collect();
        let puts = bodies.iter().map(|body| self.put("race", binding, body, body));
        let answers = join_all(puts).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(answers.iter().filter(|answer| answer.is_success()).count() == 1)
    }

    /// The first three bytes.
    async fn range(&self, name: &str) -> Result<Vec<u8>, String> {
        let answer = self.on("GET", name, vec![("range", "bytes=0-2".to_owned())]).await?;
        if answer.status == 403 {
            return Err(format!("it does not give back an object ({}): {}", answer.reason(), answer.remedy()));
        }
        Ok(answer.body)
    }

    async fn exists(&self, name: &str) -> Result<bool, String> {
        Ok(self.on("HEAD", name, vec![]).await?.is_success())
    }

    async fn pages(&self, usual: Binding) -> Result<(), String> {
        for name in ["page-1", "page-2", "page-3"] {
            self.put(name, usual, RIGHT, RIGHT).await?;
        }
        let prefix = format!("{}page-", self.folder);
        let (mut names, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
        for _ in 0..4 {
            let query = list_query(&prefix, after.as_deref(), 1);
            let answer = self.send(&Request { method: "GET", key: "", query, headers: vec![] }).await?;
            if !answer.is_success() {
                return Err(format!("it does not give a list ({}): {}", answer.reason(), answer.remedy()));
            }
            let (page, more) = parse_list(&answer.body, &prefix).ok_or("its list is none")?;
            names.extend(page.into_iter().map(|one| one.name));
            after = names.last().cloned();
            if !more {
                break;
            }
        }
        if names == ["1", "2", "3"] { Ok(()) } else { Err(format!("its list gives {names:?} instead of three objects in order")) }
    }

    /// The bucket's clock against ours, where the answer tells.
    fn clock(&self, answer: &Answer) {
        let Some(theirs) = answer.header("date").and_then(read_date) else { return };
        let ahead = self.wire.now() - theirs;
        let well = ahead.abs() <= SKEW_MS;
        self.note("has a clock that agrees with this computer's", well);
        if !well {
            let (minutes, way) = ((ahead.abs() + 30_000) / 60_000, if ahead > 0 { "ahead of" } else { "behind" });
            self.find(&format!("This computer's clock is {minutes} minutes {way} the bucket's: set it, or signed addresses are refused."));
        }
    }

    fn touch(&self, name: &str) {
        let mut names = self.names.borrow_mut();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }

    async fn clean_up(&self) {
        // What stays behind is small, and under a name of its own.
        for name in self.names.take() {
            let _ = self.on("DELETE", &name, vec![]).await;
        }
    }

    /// A request without a body for that object.
    async fn on(&self, method: &'static str, name: &str, headers: Vec<(&'static str, String)>) -> Result<Answer, String> {
        self.send(&Request { method, key: &self.key(name), query: vec![], headers }).await
    }

    async fn send(&self, request: &Request<'_>) -> Result<Answer, String> {
        self.wire.send(request.method, &self.wire.presign(request), &request.headers, &[]).await
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }

    fn note(&self, what: &'static str, well: bool) {
        self.tried.borrow_mut().push((what, well));
    }

    fn find(&self, sentence: &str) {
        self.findings.borrow_mut().push(sentence.to_owned());
    }
}
