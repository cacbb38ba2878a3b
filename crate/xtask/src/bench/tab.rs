//! A tab of Chromium: the real page, driven as a person would, with a server behind it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{About, Contender, peers};
use crate::{
    meter::Cost,
    tab::{self, Tab},
};

pub struct Browser {
    server: PathBuf,
    tab: Option<Tab>,
}

impl Browser {
    pub fn prepare() -> Result<Self> {
        Ok(Self { server: tab::prepare()?, tab: None })
    }

    fn tab(&mut self) -> Result<&mut Tab> {
        self.tab.as_mut().context("no round has begun")
    }
}

/// The browser and its version.
pub fn chromium() -> Result<String> {
    Ok(format!("Chromium {}", peers::version(Command::new(tab::chromium()).arg("--version"))?))
}

impl Contender for Browser {
    fn name(&self) -> &'static str {
        "browser"
    }

    fn about(&self) -> Result<About> {
        Ok(About::new("tab", chromium()?, "the page, through the embedded server on loopback, zstd level 3"))
    }

    fn begin(&mut self, folder: &Path) -> Result<()> {
        self.tab = Some(Tab::open(&self.server, folder)?);
        Ok(())
    }

    fn back_up(&mut self, source: &Path) -> Result<Cost> {
        self.tab()?.back_up(source)
    }

    fn back_up_chosen(&mut self, folder: &Path, source: &Path) -> Result<Option<Cost>> {
        Tab::open(&self.server, folder)?.back_up_chosen(source).map(Some)
    }

    fn restore(&mut self, target: &Path) -> Result<Cost> {
        self.tab()?.restore_folder(target, false)
    }

    fn restore_reading_back(&mut self, target: &Path) -> Result<Option<Cost>> {
        self.tab()?.restore_folder(target, true).map(Some)
    }

    fn download(&mut self) -> Result<Option<(Cost, PathBuf)>> {
        self.tab()?.restore_download().map(Some)
    }

    fn stored(&self) -> PathBuf {
        self.tab.as_ref().map(Tab::objects).unwrap_or_default()
    }

    /// Browsers cannot set a file's time.
    fn keeps_times(&self) -> bool {
        false
    }

    fn end(&mut self) {
        self.tab = None;
    }
}
