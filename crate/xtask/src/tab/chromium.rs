//! A Chromium of one's own, driven over a pipe by its DevTools protocol. Nothing is switched on that slows requests down: a driver
//! that listens to the network copies every body.

use std::{
    collections::VecDeque,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];

/// Debian's, or the one that STRONGROOM_CHROMIUM names.
pub fn program() -> String {
    std::env::var("STRONGROOM_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into())
}

/// With one page, to which all calls but those of `Browser` go.
pub struct Chromium {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    session: Option<String>,
    events: VecDeque<(String, Value)>,
    last: u64,
}

impl Chromium {
    /// Starts one with a new profile.
    ///
    /// # Errors
    /// Chromium is missing or opens no page.
    pub fn start(profile: &Path) -> Result<Self> {
        fs::create_dir_all(profile.join("Default"))?;
        // Handles are written to without a question: headless, a question never settles. With Safe Browsing on and no
        // network, closing written files stalls.
        let preferences = json!({
            "profile": { "default_content_setting_values": { "file_system_write_guard": 1 } },
            "safebrowsing": { "enabled": false },
        });
        fs::write(profile.join("Default/Preferences"), preferences.to_string())?;
        // It hears on descriptor 3 and answers on 4; the shell only moves them there.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", &program()]).args(FLAGS);
        command.arg("--remote-debugging-pipe").arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("Chromium cannot be started")?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().context("Chromium has no pipe")?);
        let mut chromium = Self { child, input, output, session: None, events: VecDeque::new(), last: 0 };
        chromium.attach()?;
        Ok(chromium)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Loads a page.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn open(&mut self, url: &str) -> Result<()> {
        self.call("Page.navigate", json!({ "url": url }))?;
        self.event("Page.loadEventFired", |_| true).map(drop)
    }

    /// Calls a method of the protocol and waits for its result.
    ///
    /// # Errors
    /// Chromium refuses or is gone, or the page crashed.
    pub fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.last += 1;
        let id = self.last;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = self.session.as_ref().filter(|_| !method.starts_with("Browser.")) {
            message["sessionId"] = json!(session);
        }
        let input = self.input.as_mut().context("Chromium has ended")?;
        input.write_all(format!("{message}\0").as_bytes()).and_then(|()| input.flush()).context("Chromium does not listen any more")?;
        loop {
            let mut answer = self.hear()?;
            if answer["id"] == id {
                return match answer["error"]["message"].as_str() {
                    Some(error) => bail!("{method}: {error}"),
                    None => Ok(answer["result"].take()),
                };
            }
            self.keep(answer)?;
        }
    }

    /// Waits for an event of this kind that `wanted` takes; others of the kind are dropped.
    ///
    /// # Errors
    /// Chromium is gone, or the page crashed.
    pub fn event(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        loop {
            while let Some((name, parameters)) = self.events.pop_front() {
                if name == method && wanted(&parameters) {
                    return Ok(parameters);
                }
            }
            let message = self.hear()?;
            self.keep(message)?;
        }
    }

    /// The value of an expression in the page, awaited.
    ///
    /// # Errors
    /// It throws: what it says.
    pub fn run(&mut self, expression: &str) -> Result<Value> {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let mut answer = self.call("Runtime.evaluate", parameters)?;
        match answer.get("exceptionDetails") {
            Some(details) => bail!("the page: {}", details["exception"]["description"].as_str().unwrap_or("threw")),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Drops files and folders of this machine on that place of the page.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn drop_files(&mut self, x: f64, y: f64, files: &[&Path]) -> Result<()> {
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
            self.call("Input.dispatchDragEvent", json!({ "type": kind, "x": x, "y": y, "data": data }))?;
        }
        Ok(())
    }

    fn attach(&mut self) -> Result<()> {
        let targets = self.call("Target.getTargets", json!({}))?;
        let pages = targets["targetInfos"].as_array().context("Chromium names no targets")?;
        let page = pages.iter().find(|target| target["type"] == "page").context("Chromium opened no page")?;
        let attached = self.call("Target.attachToTarget", json!({ "targetId": page["targetId"], "flatten": true }))?;
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        self.call("Page.enable", json!({}))?;
        self.call("Inspector.enable", json!({}))?;
        Ok(())
    }

    fn hear(&mut self) -> Result<Value> {
        let mut bytes = Vec::new();
        self.output.read_until(0, &mut bytes)?;
        if bytes.pop() != Some(0) {
            bail!("Chromium ended");
        }
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn keep(&mut self, mut message: Value) -> Result<()> {
        match message["method"].as_str() {
            Some("Inspector.targetCrashed") => bail!("the tab crashed"),
            Some(method) => self.events.push_back((method.to_owned(), message["params"].take())),
            None => {}
        }
        Ok(())
    }
}

impl Drop for Chromium {
    /// Without its pipe Chromium ends.
    fn drop(&mut self) {
        let _ = self.call("Browser.close", json!({}));
        self.input = None;
        let _ = self.child.wait();
    }
}
