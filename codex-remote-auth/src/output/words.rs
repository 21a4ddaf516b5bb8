//! The words that reports use for values in lessons.

use crate::lessons::{Guide, GuideVerdict};

/// The name of a section of the guide.
pub fn section(guide: Guide) -> &'static str {
    match guide {
        Guide::QuickStart => "quick-start",
        Guide::CriticalKnowledge => "critical-knowledge",
        Guide::FileSchema => "file-schema",
        Guide::Workflow => "workflow",
        Guide::SmokeTests => "smoke-tests",
        Guide::Comparison => "comparison",
        Guide::Troubleshooting => "troubleshooting",
        Guide::Environment => "environment",
        Guide::Beyond => "beyond",
    }
}

/// Whether a statement of the guide is correct, in words.
pub fn verdict(verdict: GuideVerdict) -> &'static str {
    match verdict {
        GuideVerdict::Holds => "guide holds",
        GuideVerdict::Stale => "guide is stale",
        GuideVerdict::Wrong => "guide is wrong",
        GuideVerdict::Silent => "guide is silent",
        GuideVerdict::Reported => "reported, not run",
    }
}

/// The same in one word, for machine-readable output.
pub fn verdict_word(verdict: GuideVerdict) -> &'static str {
    match verdict {
        GuideVerdict::Holds => "holds",
        GuideVerdict::Stale => "stale",
        GuideVerdict::Wrong => "wrong",
        GuideVerdict::Silent => "silent",
        GuideVerdict::Reported => "reported",
    }
}
