//! What a person sees of a run beside its figures: the plan as it grows, the folders of the source, and what became of its files.

extern crate alloc;
use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use super::{
    Backup, Phase, Plan, Rules,
    source::{NodeId, NodeItem, Out, Weight},
};
use crate::error::Code;

/// One folder of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Survey {
    /// Folders first, by name.
    pub entries: Vec<SurveyEntry>,
    /// Entries of the folder that are not among them.
    pub more: u64,
}

/// One entry of a folder of the source; files and bytes are of everything below.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SurveyEntry {
    pub name: String,
    pub folder: bool,
    pub files: u64,
    pub bytes: u64,
    /// Of these, what the rules take.
    pub taken_files: u64,
    pub taken_bytes: u64,
    /// Why the rules leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<Reason>,
    /// Which one, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// Why something is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A rule leaves it out.
    Excluded,
    /// Only some things are to be taken, and it is not among them.
    NotIncluded,
    /// The folder around it is left out.
    Above,
    /// It is as the baseline has it.
    Unchanged,
}

/// The lists of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Read, or empty.
    Done,
    /// Left out by the rules, or unchanged.
    Skipped,
    /// Could not be read.
    Failed,
}

/// Some of the entries of one part, in the order in which they came to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Settled {
    pub entries: Vec<SettledEntry>,
    pub total: u64,
}

/// What became of one entry.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SettledEntry {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Of a skipped one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Of one that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// It can be tried again within this run.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub retriable: bool,
}

impl Backup {
    /// What will go; known once the source is walked and compared.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// The plan, or what is known of it while the source is still walked: nothing is compared yet then.
    pub fn plan_so_far(&self) -> Plan {
        self.plan.unwrap_or_else(|| {
            let (found, taken) = self.source.folder(0).map(|root| (root.found, root.taken)).unwrap_or_default();
            Plan {
                files: taken.files,
                folders: self.source.folders,
                bytes: taken.bytes,
                excluded_files: found.files - taken.files,
                excluded_bytes: found.bytes - taken.bytes,
                unreadable: self.source.unreadable(),
                ..Plan::default()
            }
        })
    }

    /// Leaves out what these rules say, from now on. Does nothing once reading has begun.
    pub fn choose(&mut self, rules: Rules) {
        if matches!(self.phase, Phase::Refreshing(_) | Phase::Walking | Phase::Comparing(_) | Phase::Planned { .. }) {
            self.source.set_rules(rules);
            if self.plan.is_some() {
                self.plan = Some(Plan::of(&self.source, self.removed));
            }
        }
    }

    /// What is in a folder of the source, as far as it is walked; at most `limit` entries. Paths are names joined by `/`.
    pub fn survey(&self, path: &str, limit: usize) -> Survey {
        let found = self.source.at(path).and_then(|id| Some((id, self.source.folder(id)?)));
        let Some((id, folder)) = found else { return Survey::default() };
        let of_kind = |folders: bool| self.source.children(id).filter(move |id| self.source.folder(*id).is_some() == folders);
        let entries: Vec<_> = of_kind(true).chain(of_kind(false)).take(limit).filter_map(|id| self.survey_entry(id)).collect();
        let more = u64::from(folder.children) - entries.len() as u64;
        Survey { entries, more }
    }

    fn survey_entry(&self, id: NodeId) -> Option<SurveyEntry> {
        let node = self.source.get(id)?;
        let (files, bytes, taken_files, taken_bytes) = match &node.item {
            NodeItem::Folder(folder) => (folder.found.files, folder.found.bytes, folder.taken.files, folder.taken.bytes),
            NodeItem::File(file) if node.out.is_none() => (1, file.size, 1, file.size),
            NodeItem::File(file) => (1, file.size, 0, 0),
            NodeItem::Left(Weight { files, bytes }) => (*files, *bytes, 0, 0),
        };
        let (out, rule) = self.why_out(node.out);
        let name = String::from_utf8_lossy(self.source.name(node)).into_owned();
        let folder = matches!(node.item, NodeItem::Folder(_));
        Some(SurveyEntry { name, folder, files, bytes, taken_files, taken_bytes, out, rule })
    }

    /// What became of the entries of the source, once reading has begun: those of one part from number `from` on, at most `limit`.
    pub fn settled(&self, part: Part, from: usize, limit: usize) -> Settled {
        let nodes = match part {
            Part::Done => &self.done,
            Part::Skipped => &self.skipped,
            Part::Failed => return self.failed(from, limit),
        };
        let entry = |id: &NodeId| {
            let node = self.source.get(*id);
            let bytes = node.map(|node| match &node.item {
                NodeItem::File(file) => file.size,
                NodeItem::Left(weight) => weight.bytes,
                NodeItem::Folder(folder) => folder.taken.bytes,
            });
            let (reason, rule) = self.why_out(node.and_then(|node| node.out));
            let reason = reason.or((part == Part::Skipped).then_some(Reason::Unchanged));
            SettledEntry { path: self.source.path(*id), bytes, reason, rule, code: None, message: None, retriable: false }
        };
        Settled { entries: nodes.iter().skip(from).take(limit).map(entry).collect(), total: nodes.len() as u64 }
    }

    /// What the walk could not read, then the files.
    fn failed(&self, from: usize, limit: usize) -> Settled {
        let entry = |path: String, code: Code, message: String, retriable: bool| SettledEntry {
            path,
            bytes: None,
            reason: None,
            rule: None,
            code: Some(code),
            message: Some(message),
            retriable,
        };
        let (walked, files) = (&self.report.named, self.failures.list());
        let walked = walked.iter().skip(from).map(|left| entry(left.path.clone(), left.code, left.message.clone(), false));
        let files = files.iter().skip(from.saturating_sub(self.report.named.len()));
        let files = files.map(|failure| entry(self.source.path(failure.node), failure.code, failure.message.to_string(), true));
        Settled { entries: walked.chain(files).take(limit).collect(), total: self.report.count + self.failures.count() }
    }

    fn why_out(&self, out: Option<Out>) -> (Option<Reason>, Option<String>) {
        match out {
            None => (None, None),
            Some(Out::Rule(number)) => (Some(Reason::Excluded), self.source.rules().text(number).map(ToOwned::to_owned)),
            Some(Out::Unnamed) => (Some(Reason::NotIncluded), None),
            Some(Out::Above) => (Some(Reason::Above), None),
        }
    }
}
