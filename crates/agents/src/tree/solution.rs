//! A plan and a script, out of a model's reply.

use mledojo_env::code_blocks;

/// A solution, as a model writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Solution {
    pub(super) plan: String,
    pub(super) code: String,
}

impl Solution {
    /// Reads words, then code between fences. Several blocks are one script.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let text = match text.trim_start().strip_prefix("<think>") {
            Some(rest) => rest.split_once("</think>").map_or("", |(_, after)| after),
            None => text,
        };
        let blocks = code_blocks(text);
        let scripts: Vec<_> =
            blocks.iter().filter(|block| matches!(block.language.as_str(), "" | "python" | "py" | "python3")).collect();
        if scripts.iter().any(|block| !block.closed) {
            return Err("its block of code has no end".to_owned());
        }
        let code = scripts.iter().map(|block| block.body.trim_end()).collect::<Vec<_>>().join("\n\n");
        if code.trim().is_empty() {
            return Err("it holds no block of Python code".to_owned());
        }
        let plan = text[..fence(text)].trim().to_owned();
        if plan.is_empty() {
            return Err("it holds no plan before the code".to_owned());
        }
        Ok(Self { plan, code: code + "\n" })
    }
}

/// Where the first fence stands.
fn fence(text: &str) -> usize {
    ["```", "~~~"].iter().filter_map(|mark| text.find(mark)).min().unwrap_or(text.len())
}

/// The head and the tail of a long text, and how much is missing between them.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 5_100;
    const PART: usize = 2_500;
    if text.len() <= MOST {
        return text.to_owned();
    }
    let (head, tail) = (text.floor_char_boundary(PART), text.ceil_char_boundary(text.len() - PART));
    format!("{}\n[... {} bytes left out ...]\n{}", &text[..head], tail - head, &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_and_code_are_found() {
        let read = |text: &str| Solution::read(text);
        let solution = read("A forest.\nIt is sound.\n```python\nx = 1\n```\nthen\n```\ny = 2\n```").unwrap();
        assert_eq!((solution.plan.as_str(), solution.code.as_str()), ("A forest.\nIt is sound.", "x = 1\n\ny = 2\n"));
        assert_eq!(read("<think>```\nno\n```</think>Plan.\n~~~py\nz\n~~~").unwrap().code, "z\n");
        assert!(read("```python\nx = 1\n```").unwrap_err().contains("no plan"));
        assert!(read("Only words.").unwrap_err().contains("no block"));
        assert!(read("Plan.\n```python\nx = ").unwrap_err().contains("no end"));
    }

    #[test]
    fn a_long_output_keeps_head_and_tail() {
        let text = "é".repeat(4_000);
        let short = shortened(&text);
        assert!(short.len() < 5_200 && short.contains("bytes left out") && short.ends_with('é'));
        assert_eq!(shortened("short"), "short");
    }
}
