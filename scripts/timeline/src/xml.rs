// SPDX-License-Identifier: GPL-2.0

//! Writes text into XML, and looks whether XML is well-formed: a viewer shows nothing of a picture
//! that is not.

/// A text as XML has it.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no others.
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Says what is wrong with an element and what is in it, if it is not well-formed. This knows what
/// pictures have: elements, attributes, text and the four entities of [`escaped`].
pub(crate) fn fault(mut xml: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    while let Some((text, rest)) = xml.split_once('<') {
        if !is_text(text) {
            return Some(format!("`{text}` is no text"));
        }
        let Some((tag, rest)) = rest.split_once('>') else {
            return Some(format!("`<{rest}` does not end"));
        };
        xml = rest;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("`</{name}>` ends nothing"));
            }
            continue;
        }
        let (start, empty) = match tag.strip_suffix('/') {
            Some(start) => (start, true),
            None => (tag, false),
        };
        let (name, attributes) = start.split_once(char::is_whitespace).unwrap_or((start, ""));
        if !is_name(name) || !are_attributes(attributes) {
            return Some(format!("`<{tag}>` is no tag"));
        }
        if !empty {
            open.push(name);
        }
    }
    match open.last() {
        Some(name) => Some(format!("`<{name}>` does not end")),
        None => (!xml.trim().is_empty()).then(|| format!("`{xml}` is behind the end")),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte == b'-' || byte == b':' || byte.is_ascii_alphanumeric())
}

fn is_text(text: &str) -> bool {
    const ENTITIES: [&str; 4] = ["amp;", "lt;", "gt;", "quot;"];
    let mut entities = text.split('&').skip(1);
    let is_control = |character: char| character.is_control() && character != '\n';
    entities.all(|rest| ENTITIES.iter().any(|entity| rest.starts_with(entity)))
        && !text.contains(['<', '>'])
        && !text.contains(is_control)
}

/// `name="value" name="value"`
fn are_attributes(mut attributes: &str) -> bool {
    let mut names = Vec::new();
    while let Some((name, rest)) = attributes.trim_start().split_once("=\"") {
        let Some((value, rest)) = rest.split_once('"') else {
            return false;
        };
        if !is_name(name) || !is_text(value) || names.contains(&name) {
            return false;
        }
        names.push(name);
        attributes = rest;
    }
    attributes.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_well_formed() {
        let text = escaped("a<b & \"c\">\u{7}");
        assert_eq!(text, "a&lt;b &amp; &quot;c&quot;&gt; ");
        assert_eq!(fault(&format!("<a b=\"{text}\">{text}<c/></a>\n")), None);
    }

    #[test]
    fn faults_are_found() {
        for xml in [
            "<a>",
            "<a></b>",
            "</a>",
            "<a b=\"1\" b=\"2\"/>",
            "<a b=1/>",
            "<a>&x;</a>",
            "<a>b & c</a>",
            "<a",
            "<a/>b",
            "<a>\u{7}</a>",
        ] {
            assert!(fault(xml).is_some(), "{xml}");
        }
    }
}
