//! A page that shows how a digest will look in Slack and in Teams: close to the real thing, and without any other file.

use serde_json::Value;

/// A page with these messages; `language` is that of their words.
pub(super) fn html(language: &str, slack: &[Value], teams: &[Value]) -> String {
    let slack: String = slack.iter().map(|payload| article("slack", &each(&payload["blocks"], block))).collect();
    let teams: String =
        teams.iter().map(|payload| article("teams", &card(&payload["attachments"][0]["content"]))).collect();
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>ncp-cert-alert preview</title>\n\
         <style>{STYLE}</style>\n<main>\n<section><h1>Slack</h1>\n{slack}</section>\n\
         <section><h1>Microsoft Teams</h1>\n{teams}</section>\n</main>\n<script>{SCRIPT}</script>\n</html>\n"
    )
}

const STYLE: &str = "
:root { color-scheme: light dark; --text: #1d1c1d; --dim: #5c5a5c; --back: #f4f4f6; --card: #fff; --line: #d8d8dc;
  --attention: #fdf3f4; --warning: #fdf6e7; --emphasis: #eef3fb; --button: #1264a3; }
@media (prefers-color-scheme: dark) { :root { --text: #e8e8ea; --dim: #ababad; --back: #131316; --card: #1f1f23; --line: #3a3a40;
  --attention: #3a2024; --warning: #37300f; --emphasis: #1f2a3a; --button: #7db8e8; } }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.46 system-ui, sans-serif; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.5rem; padding: 1.5rem; }
h1 { font-size: 1rem; color: var(--dim); } h2 { font-size: 1.15rem; margin: 0 0 .5rem; } h3 { font-size: 1rem; margin: 0; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin-bottom: 1rem; }
p, li { margin: .15rem 0; white-space: pre-line; overflow-wrap: anywhere; } ul { margin: .3rem 0 .8rem; padding-left: 1.3rem; }
li { margin-bottom: .5rem; } .dim { color: var(--dim); font-size: .85rem; } .small { font-size: .85rem; } .large { font-size: 1.15rem; }
.box { border-radius: 6px; padding: .6rem .8rem; margin: .6rem 0; } .attention { background: var(--attention); }
.warning { background: var(--warning); } .emphasis { background: var(--emphasis); }
.button { display: inline-block; border: 1px solid var(--line); border-radius: 4px; padding: .2rem .7rem; margin: .4rem .4rem 0 0;
  color: var(--button); text-decoration: none; font-weight: 600; }
";

/// Shows times as Slack does: in the reader's own zone.
const SCRIPT: &str = "
for (const time of document.querySelectorAll('time')) {
  time.textContent = new Date(time.dataset.seconds * 1000)
    .toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
}
";

fn article(kind: &str, inner: &str) -> String {
    format!("<article class=\"{kind}\">\n{inner}</article>\n")
}

fn each(values: &Value, html: impl Fn(&Value) -> String) -> String {
    values.as_array().into_iter().flatten().map(html).collect()
}

/// A Block Kit block.
fn block(block: &Value) -> String {
    match block["type"].as_str().unwrap_or_default() {
        "header" => format!("<h2>{}</h2>\n", escaped(&block["text"]["text"])),
        "section" => format!("<p>{}</p>\n", escaped(&block["text"]["text"])),
        "context" => each(&block["elements"], |text| format!("<p class=\"dim\">{}</p>\n", escaped(&text["text"]))),
        "rich_text" => each(&block["elements"], rich),
        "actions" => each(&block["elements"], |action| button(&action["text"]["text"], &action["url"])),
        _ => String::new(),
    }
}

fn rich(element: &Value) -> String {
    match element["type"].as_str().unwrap_or_default() {
        "rich_text_list" => format!(
            "<ul>\n{}</ul>\n",
            each(&element["elements"], |item| format!("<li>{}</li>\n", runs(&item["elements"])))
        ),
        _ => format!("<p>{}</p>\n", runs(&element["elements"])),
    }
}

fn runs(runs: &Value) -> String {
    each(runs, |run| {
        if run["type"] == "date" {
            return format!("<time data-seconds=\"{}\">{}</time>", run["timestamp"], escaped(&run["fallback"]));
        }
        let text = escaped(&run["text"]);
        if run["style"]["bold"] == true { format!("<b>{text}</b>") } else { text }
    })
}

/// An Adaptive Card.
fn card(card: &Value) -> String {
    let actions = each(&card["actions"], |action| button(&action["title"], &action["url"]));
    each(&card["body"], element) + &actions
}

fn element(one: &Value) -> String {
    match one["type"].as_str().unwrap_or_default() {
        "TextBlock" => format!("<h3>{}</h3>\n", escaped(&one["text"])),
        "Container" => {
            let style = one["style"].as_str().unwrap_or_default();
            format!("<div class=\"box {style}\">\n{}</div>\n", each(&one["items"], element))
        }
        "RichTextBlock" => format!("<p>{}</p>\n", each(&one["inlines"], inline)),
        _ => String::new(),
    }
}

fn inline(run: &Value) -> String {
    let class = match (run["isSubtle"] == true, run["size"].as_str().unwrap_or_default()) {
        (true, _) => "dim",
        (false, "Small") => "small",
        (false, "Large") => "large",
        (false, _) => "",
    };
    let tag = if run["weight"] == "Bolder" { "b" } else { "span" };
    format!("<{tag} class=\"{class}\">{}</{tag}>", escaped(&run["text"]))
}

fn button(label: &Value, url: &Value) -> String {
    format!("<a class=\"button\" href=\"{}\">{}</a>\n", escaped(url), escaped(label))
}

fn escaped(text: &Value) -> String {
    let text = text.as_str().unwrap_or_default();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_in_a_message_is_on_the_page_and_nothing_of_it_is_markup() {
        let slack = json!({"blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "title"}},
            {"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "<script>", "style": {"bold": true}}, {"type": "text", "text": "news"}]},
                {"type": "rich_text_section", "elements": [{"type": "date", "timestamp": 60, "format": "{time}", "fallback": "09:01 KST"}]},
            ]}]},
            {"type": "context", "elements": [{"type": "plain_text", "text": "coverage"}]},
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "open"}, "url": "https://a.kr/?\"x"}]},
        ]});
        let teams = json!({"attachments": [{"content": {
            "body": [{"type": "Container", "style": "attention", "items": [
                {"type": "TextBlock", "text": "heading"},
                {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "<b>name</b>", "weight": "Bolder"}]},
            ]}],
            "actions": [{"type": "Action.OpenUrl", "title": "go", "url": "https://b.kr"}],
        }}]});
        let page = html("en", &[slack], &[teams]);
        for part in [
            "<h2>title</h2>",
            "<b>&lt;script&gt;</b>news",
            "<time data-seconds=\"60\">09:01 KST</time>",
            "coverage",
            "href=\"https://a.kr/?&quot;x\">open",
            "<h3>heading</h3>",
            "&lt;b&gt;name&lt;/b&gt;",
            ">go</a>",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert_eq!(page.matches("<script").count(), 1, "our own");
    }
}
