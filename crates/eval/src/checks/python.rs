//! Python source as tokens: enough to compare programs and to see what they hold.

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Token<'a> {
    /// A name or keyword.
    Name(&'a str),
    /// A number.
    Number(&'a str),
    /// The inside of a string literal.
    Text(&'a str),
    /// Anything else, a character each.
    Mark(char),
}

/// The tokens of a program; comments and blanks are left out. Any text has tokens, whether it is Python or not.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => {
                let (text, length) = string(rest);
                tokens.push(Token::Text(text));
                length
            }
            _ if first.is_whitespace() => first.len_utf8(),
            _ if first.is_alphabetic() || first == '_' => {
                let length = span(rest, |c| c.is_alphanumeric() || c == '_');
                let (name, after) = rest.split_at(length);
                // A prefix such as r or f belongs to the string behind it.
                let is_prefix = length <= 2 && after.starts_with(['"', '\'']);
                if !(is_prefix && name.chars().all(|c| "rRbBuUfFtT".contains(c))) {
                    tokens.push(Token::Name(name));
                }
                length
            }
            _ if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) => {
                let length = number(rest);
                tokens.push(Token::Number(&rest[..length]));
                length
            }
            _ => {
                tokens.push(Token::Mark(first));
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    tokens
}

fn span(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

/// The bytes of the number that a text begins with, exponent and sign of it included.
fn number(text: &str) -> usize {
    let length = span(text, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    let is_exponent = text[..length].ends_with(['e', 'E']) && !text.starts_with("0x");
    match text[length..].strip_prefix(['+', '-']) {
        Some(rest) if is_exponent => length + 1 + span(rest, |c| c.is_ascii_digit() || c == '_'),
        _ => length,
    }
}

/// The inside of the string literal that a text begins with, and how many bytes the literal takes.
fn string(text: &str) -> (&str, usize) {
    let quote = &text[..1];
    let triple = quote.repeat(3);
    let (mark, single_line) = if text.starts_with(&triple) { (triple.as_str(), false) } else { (quote, true) };
    let mut place = mark.len();
    while place < text.len() {
        let rest = &text[place..];
        if rest.starts_with(mark) {
            return (&text[mark.len()..place], place + mark.len());
        }
        // A line's end closes what was never closed, so that the rest of the program is not lost.
        if single_line && rest.starts_with('\n') {
            break;
        }
        let mut characters = rest.chars();
        if characters.next() == Some('\\') {
            characters.next();
        }
        place += rest.len() - characters.as_str().len();
    }
    (&text[mark.len().min(place)..place], place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Token::{Mark, Name, Number, Text};

    #[test]
    fn a_program_is_told_apart() {
        let source = "x = r'a\\'b' # note 'n'\ny=-1.5e-3+.5 if z[0x1F] else f\"\"\"c\n'd'\"\"\"";
        let expected = [
            Name("x"),
            Mark('='),
            Text("a\\'b"),
            Name("y"),
            Mark('='),
            Mark('-'),
            Number("1.5e-3"),
            Mark('+'),
            Number(".5"),
            Name("if"),
            Name("z"),
            Mark('['),
            Number("0x1F"),
            Mark(']'),
            Name("else"),
            Text("c\n'd'"),
        ];
        assert_eq!(tokens(source), expected);
    }

    #[test]
    fn odd_texts_end_as_well() {
        assert_eq!(tokens("'never closed\nx"), [Text("never closed"), Name("x")]);
        for odd in ["'", "\"\"\"", "'\\", "é'ü\\é", "1e", "1e+", ".", "\u{0}"] {
            tokens(odd);
        }
    }
}
