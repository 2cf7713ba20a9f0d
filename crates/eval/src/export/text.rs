//! Conversations as plain text: how they are rendered, how long they are, and when two are the same.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::chat::ChatMessage;

/// A conversation as one text in ChatML, and where the messages are in it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    /// Of each message: its text and the mark that ends it, in characters (as Python counts), not bytes.
    pub(crate) spans: Vec<Range<usize>>,
}

const END: &str = "<|im_end|>";

impl Rendered {
    pub(crate) fn new<'a>(messages: impl Iterator<Item = &'a ChatMessage>) -> Self {
        let mut rendered = Self::default();
        let mut at = 0;
        for message in messages {
            let head = format!("<|im_start|>{}\n", message.role.name());
            let body = message.text() + END;
            at += head.chars().count();
            let length = body.chars().count();
            rendered.spans.push(at..at + length);
            at += length + 1;
            rendered.text.push_str(&head);
            rendered.text.push_str(&body);
            rendered.text.push('\n');
        }
        rendered
    }
}

/// About how many tokens a text has: each run of letters counts one for every six begun, of digits one for every three,
/// of blanks one (a single blank before something none), and of other characters one for every two, not counting one that
/// stands before a letter.
///
/// The rules follow how byte-pair encodings first divide texts. Against `cl100k_base` and `o200k_base` they are within 5 % on
/// conversations of the baseline, on Python and on Markdown, and 12 % low on columns of numbers; a quarter of the bytes
/// is 60 % low there.
pub(crate) fn estimated_tokens(text: &str) -> u64 {
    #[derive(PartialEq, Clone, Copy)]
    enum Class {
        Letter,
        Digit,
        Blank,
        Wide,
        Mark,
    }
    let class = |c: char| match c {
        c if c.is_ascii_alphabetic() => Class::Letter,
        c if c.is_ascii_digit() => Class::Digit,
        c if c.is_whitespace() => Class::Blank,
        c if c.is_alphanumeric() => Class::Wide,
        _ => Class::Mark,
    };
    let mut tokens = 0;
    let mut run: Option<(Class, u64)> = None;
    let mut close = |run: Option<(Class, u64)>, next: Option<Class>| {
        tokens += match run {
            None => 0,
            Some((Class::Letter, length)) => length.div_ceil(6),
            Some((Class::Digit, length)) => length.div_ceil(3),
            Some((Class::Blank, 1)) if next.is_some() => 0,
            Some((Class::Blank, _)) => 1,
            Some((Class::Wide, length)) => length,
            Some((Class::Mark, length)) if next == Some(Class::Letter) => (length - 1).div_ceil(2),
            Some((Class::Mark, length)) => length.div_ceil(2),
        };
    };
    for c in text.chars() {
        let class = class(c);
        run = match run {
            Some((same, length)) if same == class => Some((class, length + 1)),
            other => {
                close(other, Some(class));
                Some((class, 1))
            }
        };
    }
    close(run, None);
    tokens
}

/// The text without what differs between runs of the same thing: times, and how blanks are set.
pub(crate) fn normalised(text: &str) -> String {
    const UNITS: [&str; 11] = ["s", "sec", "second", "seconds", "ms", "min", "minute", "minutes", "h", "hour", "hours"];
    const TIME: &str = "#";
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let bare = |word: &'_ str| word.trim_end_matches([',', ';', ':', '.']).to_owned();
    let mut words = text.split_whitespace().peekable();
    let mut normal: Vec<&str> = Vec::new();
    while let Some(word) = words.next() {
        let is_time = bare(word).strip_suffix('s').is_some_and(is_number)
            || (is_number(word) && words.next_if(|next| UNITS.contains(&bare(next).as_str())).is_some());
        match normal.last() {
            // 11 h 59 min is one time, as 12 h is.
            Some(&TIME) if is_time => {}
            _ => normal.push(if is_time { TIME } else { word }),
        }
    }
    normal.join(" ")
}

/// The first half of a SHA-256, which is enough to tell texts apart.
pub(crate) type Fingerprint = [u8; 16];

/// The fingerprint of some texts in their order; where one ends and the next begins matters.
pub(crate) fn fingerprint<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Fingerprint {
    let mut hash = Sha256::new();
    for text in texts {
        let text = text.as_ref();
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let mut half = [0; 16];
    half.copy_from_slice(&hash.finalize()[..16]);
    half
}

pub(crate) fn hex(fingerprint: Fingerprint) -> String {
    fingerprint.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fingerprint of a prompt, the same for two that differ in times alone.
pub(crate) fn prompt_fingerprint<'a>(competition: &str, prompt: impl Iterator<Item = &'a ChatMessage>) -> Fingerprint {
    let texts = prompt.flat_map(|message| [message.role.name().to_owned(), normalised(&message.text())]);
    fingerprint(std::iter::once(competition.to_owned()).chain(texts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::export::chat::Role;

    #[test]
    fn times_and_blanks_make_no_difference() {
        let one = normalised("Execution Time: 1.25s\n  3 steps taken, 12 steps left, 43170 s left");
        assert_eq!(one, normalised("Execution Time: 0.50s\n3 steps taken, 12 steps left, 9 s left"));
        assert_ne!(one, normalised("Execution Time: 0.50s\n3 steps taken, 11 steps left, 9 s left"));
        assert_eq!(normalised("3 steps and 12 h 0 min left"), normalised("3 steps and 59 min left"));
        assert_ne!(fingerprint(["ab", "c"]), fingerprint(["a", "bc"]));
    }

    #[test]
    fn tokens_are_about_right() {
        // Counted with cl100k_base.
        for (text, tokens) in [
            ("The quick brown fox jumps over the lazy dog", 9_u64),
            ("import pandas as pd\nimport numpy as np", 9),
            ("model.fit(X_train, y_train, epochs=100)", 12),
        ] {
            let estimate = estimated_tokens(text);
            assert!(estimate.abs_diff(tokens) <= 1, "{text}: {estimate}");
        }
        assert_eq!(estimated_tokens(""), 0);
    }

    proptest! {
        #[test]
        fn spans_are_the_messages(contents in prop::collection::vec("\\PC{0,20}", 0..6)) {
            let messages: Vec<_> =
                contents.iter().map(|content| ChatMessage::new(Role::Assistant, content.as_str())).collect();
            let rendered = Rendered::new(messages.iter());
            let characters: Vec<char> = rendered.text.chars().collect();
            prop_assert_eq!(rendered.spans.len(), contents.len());
            for (span, content) in rendered.spans.iter().zip(&contents) {
                let text: String = characters[span.clone()].iter().collect();
                prop_assert_eq!(text, format!("{content}{END}"));
            }
        }

        #[test]
        fn normal_forms_stay(text in "(\\PC{0,4}|[#0-9]{1,2}|s|h|min| ){0,20}") {
            let once = normalised(&text);
            prop_assert_eq!(normalised(&once), once);
        }
    }
}
