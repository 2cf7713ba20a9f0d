//! Code fences of Markdown.

/// A fenced block of Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeBlock<'a> {
    /// The language, in lower case; empty if none is named.
    pub language: String,
    /// What stands between the fences.
    pub body: &'a str,
    /// Whether a closing fence was there.
    pub closed: bool,
}

/// The fenced blocks of a text, in order. A fence closes with at least as many of the same marks, alone on its line.
#[must_use]
pub fn code_blocks(text: &str) -> Vec<CodeBlock<'_>> {
    let mut found = Vec::new();
    let mut open: Option<(char, usize, String, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        match &open {
            None => {
                if let Some((mark, count)) = fence(trimmed) {
                    let info = trimmed[count..].trim();
                    // A fence's first line holds no mark of its kind again: ```code``` is a quote within words.
                    if !info.contains('`') {
                        let language = info.split_whitespace().next().unwrap_or_default().to_lowercase();
                        open = Some((mark, count, language, at));
                    }
                }
            }
            Some((mark, count, _, body)) => {
                let closes = fence(trimmed).is_some_and(|(m, c)| m == *mark && c >= *count && c == trimmed.len());
                if closes {
                    let body = &text[*body..start];
                    let language = open.take().map(|(_, _, language, _)| language).unwrap_or_default();
                    found.push(CodeBlock { language, body, closed: true });
                }
            }
        }
    }
    if let Some((mark, count, language, body)) = open {
        let body = &text[body..];
        // Some models close a block at the end of its last line.
        let end = mark.to_string().repeat(count);
        let inner = body.trim_end().strip_suffix(&end);
        found.push(CodeBlock { language, body: inner.unwrap_or(body), closed: inner.is_some() });
    }
    found
}

/// The mark of a line that begins with a fence, and how many there are.
fn fence(line: &str) -> Option<(char, usize)> {
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let count = line.chars().take_while(|c| *c == mark).count();
    (count >= 3).then_some((mark, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_their_language_and_end() {
        let text = "a\n```Python title\nx = 1\n```\n```x``` words\n~~~~\n```\n~~~\n~~~~\n   ```json\n{}";
        let found = code_blocks(text);
        let seen: Vec<_> = found.iter().map(|block| (block.language.as_str(), block.body, block.closed)).collect();
        assert_eq!(seen, [("python", "x = 1\n", true), ("", "```\n~~~\n", true), ("json", "{}", false)]);
        let glued = code_blocks("a\n```py\nx = 1```\n");
        assert_eq!((glued[0].body, glued[0].closed), ("x = 1", true));
    }
}
