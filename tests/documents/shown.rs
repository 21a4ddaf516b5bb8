//! Whether an output is the one that a document shows.

use regex::Regex;

/// What differs from run to run, and what stands for it in a document.
const VARIES: &[(&str, &str)] = &[
    (r"\b\d+(\.\d+)? ?(s|ms)\b", "N s"),
    (r"\b\d[\d,.]* (bytes|MiB|GiB)", "N $1"),
    (r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?( ?UTC|Z)?", "DATE"),
    (r"/home/[a-z0-9_]+", "/home/me"),
    (r"\bu\d+\b", "me"),
    (r"\[?127\.0\.0\.1\]?:\d+", "ADDRESS"),
    (r"\bchatgpt:[0-9a-f]{12}", "chatgpt:FINGERPRINT"),
];

/// A line in the form in which two runs are equal.
pub(crate) fn normalized(line: &str) -> String {
    let mut line = line.trim_end().to_owned();
    for (varies, stands) in VARIES {
        line = Regex::new(&format!("(?-u){varies}")).unwrap().replace_all(&line, *stands).into_owned();
    }
    // Columns move with the length of what varies.
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Checks that an output is as shown. `…` alone in a line stands for any lines, and at the end of a line for the rest of it.
///
/// # Errors
/// The first line that differs.
pub(crate) fn same(shown: &[String], seen: &str) -> Result<(), String> {
    let seen: Vec<String> = seen.lines().map(normalized).filter(|line| !line.is_empty()).collect();
    let shown: Vec<String> =
        shown.iter().map(|line| normalized(line)).filter(|line| !line.is_empty()).collect();
    matches(&shown, &seen)
}

fn matches(shown: &[String], seen: &[String]) -> Result<(), String> {
    match shown.split_first() {
        None => seen.first().map_or(Ok(()), |line| Err(format!("not shown: {line}"))),
        Some((dots, rest)) if dots == "…" => {
            let mut why = Ok(());
            for skipped in 0..=seen.len() {
                why = matches(rest, &seen[skipped..]);
                if why.is_ok() {
                    break;
                }
            }
            why
        }
        Some((line, rest)) => {
            let Some((first, others)) = seen.split_first() else {
                return Err(format!("not printed: {line}"));
            };
            let equal = match line.strip_suffix('…') {
                Some(beginning) => first.starts_with(beginning.trim_end()),
                None => first == line,
            };
            if equal { matches(rest, others) } else { Err(format!("shown:   {line}\nprinted: {first}")) }
        }
    }
}
