//! Go templates, which are no YAML yet.

use super::error::Problem;

/// Refuses a text that Temporal would render before reading it: its YAML may parse, and mean something else.
pub(super) fn refuse(file: &str, text: &str) -> Result<(), Problem> {
    let text = text.trim_start_matches('\u{feff}');
    let numbered = || (1_u64..).zip(text.lines());
    let mut head = numbered().take_while(|(_, line)| line.trim().is_empty() || line.trim_start().starts_with('#'));
    let marked = head.find(|(_, line)| line.trim_start_matches(['#', ' ', '\t']).starts_with("enable-template"));
    let Some((line, _)) = marked.or_else(|| numbered().find(|(_, line)| line.contains("{{"))) else { return Ok(()) };
    Err(Problem::new(file, Some(line), "", "this is a Go template: render it first, and use the YAML that comes out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_refused_and_a_comment_about_templates_is_not() {
        for (text, line) in [
            ("# enable-template\nglobal:\n", Some(1)),
            ("\n# Copyright\n#enable-template\nglobal:\n", Some(3)),
            ("\u{feff}# enable-template\n", Some(1)),
            ("log:\n  level: {{ default .Env.LEVEL \"info\" }}\n", Some(2)),
            ("# to enable-template rendering, ask Temporal\n", None),
            ("global:\n# enable-template\n", None),
            ("a: { b: { c: d }}\n", None),
            ("", None),
        ] {
            let refused = refuse("f", text).err().and_then(|problem| problem.line());
            assert_eq!(refused, line, "{text:?}");
        }
    }
}
