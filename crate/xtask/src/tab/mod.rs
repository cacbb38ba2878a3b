//! A person at the real page, in a real Chromium, with a real server behind it.

mod chromium;
mod server;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    meter::{Cost, Pair},
    package,
    program::{self, Profile},
    tools,
};
pub use chromium::{Chromium, program as chromium};
pub use server::Server;

/// Builds what a tab needs; gives back the server's program.
///
/// # Errors
/// Something cannot be installed or built.
pub fn prepare() -> Result<PathBuf> {
    tools::debian(&[("chromium", "chromium")])?;
    package::build()?;
    program::build("strongroom-server", "strongroom-server", Profile::Release)
}

/// A tab with an unlocked vault.
pub struct Tab {
    chromium: Chromium,
    server: Server,
    downloads: PathBuf,
}

impl Tab {
    /// Starts a server and a browser, both with nothing, in that folder, and creates a vault through the page.
    ///
    /// # Errors
    /// The page shows an error.
    pub fn open(program: &Path, folder: &Path) -> Result<Self> {
        let server = Server::start(program, &folder.join("data"))?;
        let mut chromium = Chromium::start(&folder.join("profile"))?;
        let downloads = folder.join("downloads");
        fs::create_dir_all(&downloads)?;
        chromium
            .call("Browser.setDownloadBehavior", json!({ "behavior": "allowAndName", "downloadPath": downloads, "eventsEnabled": true }))?;
        chromium.open(&server.url)?;
        chromium.run(include_str!("page.js"))?;
        chromium.run("person.create('bench', 'correct horse battery staple')")?;
        Ok(Self { chromium, server, downloads })
    }

    /// The objects that the server holds.
    pub fn objects(&self) -> PathBuf {
        self.server.data.join("objects")
    }

    /// From the drop to the report.
    ///
    /// # Errors
    /// The page shows an error, or leaves something out.
    pub fn back_up(&mut self, source: &Path) -> Result<Cost> {
        let place = self.chromium.run("person.zone()")?;
        let (x, y) = (place["x"].as_f64().context("no drop zone")?, place["y"].as_f64().context("no drop zone")?);
        self.measured(|chromium| {
            chromium.drop_files(x, y, &[source])?;
            chromium.run("person.backUp()")
        })
    }

    /// The same of a folder that is chosen and not dropped, from the picker's answer to the report.
    ///
    /// # Errors
    /// The page shows an error, or leaves something out.
    pub fn back_up_chosen(&mut self, source: &Path) -> Result<Cost> {
        self.answer_picker(source)?;
        self.measured(|chromium| {
            chromium.run("person.pick()")?;
            chromium.run("person.backUp()")
        })
    }

    /// A folder of so many files that exist only while they are read, from the click to the report.
    ///
    /// # Errors
    /// The page shows an error, or leaves something out.
    pub fn back_up_generated(&mut self, files: u64) -> Result<Cost> {
        self.measured(|chromium| {
            chromium.run(&format!("person.pickGenerated({files})"))?;
            chromium.run("person.backUp()")
        })
    }

    /// The newest snapshot into a folder, from the click to the report; read back and compared, as the page does unless told not to, or not.
    ///
    /// # Errors
    /// The page shows an error, or something is damaged.
    pub fn restore_folder(&mut self, target: &Path, read_back: bool) -> Result<Cost> {
        self.chromium.run("person.openNewest()")?;
        self.answer_picker(target)?;
        let cost = self.measured(|chromium| chromium.run(&format!("person.restoreFolder({read_back})")))?;
        self.chromium.run("person.back()")?;
        Ok(cost)
    }

    /// The newest snapshot as a download, from the click until the file is there.
    ///
    /// # Errors
    /// The page shows an error, something is damaged, or the download is cancelled.
    pub fn restore_download(&mut self) -> Result<(Cost, PathBuf)> {
        self.chromium.run("person.openNewest()")?;
        let mut name = String::new();
        let cost = self.measured(|chromium| {
            let start = Instant::now();
            let mut report = chromium.run("person.restoreDownload()")?;
            let ended = |event: &Value| event["state"] != "inProgress";
            let event = chromium.event("Browser.downloadProgress", ended)?;
            ensure!(event["state"] == "completed", "the download was cancelled");
            name = event["guid"].as_str().context("the download has no name")?.to_owned();
            report["seconds"] = json!(start.elapsed().as_secs_f64());
            Ok(report)
        })?;
        self.chromium.run("person.back()")?;
        Ok((cost, self.downloads.join(name)))
    }

    /// Through the only folder of the newest snapshot, whose path the page shows when it is open: what `person.scroll` says.
    ///
    /// # Errors
    /// The page shows an error.
    pub fn scroll(&mut self) -> Result<Value> {
        self.chromium.run("person.openNewest()")?;
        self.chromium.run("person.scroll()")
    }

    /// The folder picker, which cannot be clicked headless, will give that folder.
    fn answer_picker(&mut self, folder: &Path) -> Result<()> {
        self.chromium.run("person.awaitFolder()")?;
        self.chromium.drop_files(300.0, 300.0, &[folder])
    }

    fn measured(&mut self, work: impl FnOnce(&mut Chromium) -> Result<Value>) -> Result<Cost> {
        let pair = Pair { browser: self.chromium.pid(), server: self.server.pid() };
        pair.during(|| {
            let report = work(&mut self.chromium)?;
            ensure!(report["left"].as_f64().unwrap_or(0.0) == 0.0, "the tab left out {} files, or they are damaged", report["left"]);
            report["seconds"].as_f64().context("the page gave no time")
        })
    }
}
