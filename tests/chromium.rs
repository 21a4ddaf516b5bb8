//! A Chromium without a window, to look at a page as a person's browser shows it. It is asked over a pair of pipes.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::started;

/// How long Chromium may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running Chromium with one page.
pub struct Chromium {
    process: Child,
    orders: File,
    answers: Receiver<Value>,
    events: VecDeque<Value>,
    session: Option<String>,
    count: u64,
    /// Its profile, and the pipes.
    _folder: TempDir,
}

impl Chromium {
    /// Starts it.
    ///
    /// # Panics
    /// If it is not installed (Debian: `chromium`), or does not start.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let made = started::output(started::command("mkfifo").arg(path("orders")).arg(path("answers")));
        assert!(made.status.success(), "{made:?}");
        // Chromium reads orders from 3 and writes answers to 4. The pages are those of a test, so it needs no sandbox of its own,
        // which root cannot have.
        let line = "exec \"$1\" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
                    --remote-debugging-pipe --user-data-dir=\"$2\" 3<\"$3\" 4>\"$4\"";
        let process = started::command("sh")
            .args(["-c", line, "sh"])
            .arg(started::on_path("chromium"))
            .args([path("profile"), path("orders"), path("answers")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let orders = OpenOptions::new().write(true).open(path("orders")).unwrap();
        let from = BufReader::new(File::open(path("answers")).unwrap());
        let (send, answers) = mpsc::channel();
        std::thread::spawn(move || {
            for message in from.split(0) {
                let Ok(message) = message else { return };
                let Ok(message) = serde_json::from_slice(&message) else { return };
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let events = VecDeque::new();
        let mut this = Self { process, orders, answers, events, session: None, count: 0, _folder: folder };
        let page = this.asks("Target.createTarget", json!({"url": "about:blank"}));
        let page = json!({"targetId": page["targetId"], "flatten": true});
        let attached = this.asks("Target.attachToTarget", page);
        this.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            this.asks(&format!("{domain}.enable"), json!({}));
        }
        this
    }

    /// Opens a page in a window of this width. Returns how long it took until it was loaded and drawn.
    pub fn opens(&mut self, page: &Path, width: u32, dark: bool) -> Duration {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.asks("Emulation.setDeviceMetricsOverride", size);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.asks("Emulation.setEmulatedMedia", features);
        self.events.clear();
        let began = Instant::now();
        let url = format!("file://{}", page.canonicalize().unwrap().display());
        let opened = self.asks("Page.navigate", json!({"url": url}));
        assert!(opened.get("errorText").is_none(), "{opened}");
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.hears();
            self.events.push_back(event);
        }
        let drawn = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))";
        self.says(drawn);
        began.elapsed()
    }

    /// The value of an expression in the page.
    pub fn says(&mut self, expression: &str) -> Value {
        let question = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.asks("Runtime.evaluate", question);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer:#}");
        answer["result"]["value"].clone()
    }

    /// What went wrong in the page since it was opened: errors of scripts, what its policy forbids, and requests to anywhere.
    pub fn complaints(&mut self) -> Vec<String> {
        self.says("0");
        let is_bad = |event: &&Value| match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" | "Log.entryAdded" => true,
            "Network.requestWillBeSent" => event["params"]["type"] != "Document",
            _ => false,
        };
        self.events.iter().filter(is_bad).map(ToString::to_string).collect()
    }

    /// Writes what the page looks like, to its end, as a PNG file.
    pub fn draws(&mut self, to: &Path) {
        let shot = self.asks("Page.captureScreenshot", json!({"captureBeyondViewport": true}));
        let bytes = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }

    fn asks(&mut self, method: &str, parameters: Value) -> Value {
        self.count += 1;
        let mut order = json!({"id": self.count, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            order["sessionId"] = session.as_str().into();
        }
        self.orders.write_all(format!("{order}\0").as_bytes()).unwrap();
        loop {
            let message = self.hears();
            if message["id"] == self.count {
                assert!(message.get("error").is_none(), "{method}: {message:#}");
                return message["result"].clone();
            }
            self.events.push_back(message);
        }
    }

    fn hears(&self) -> Value {
        self.answers
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|error| panic!("chromium does not answer: {error}"))
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.orders.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
