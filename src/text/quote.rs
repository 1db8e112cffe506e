//! Values from outside in errors: quoted, unless they may be a secret in the wrong place.

use crate::text::{cut, one_line};

/// What is wrong with an input: one sentence per problem.
pub type Problems = Vec<String>;

/// `value` in backticks, to be shown in an error; if it looks like a URL or a key, the error only says so, since it may be a
/// secret in the wrong place.
pub fn quoted(value: &str) -> String {
    quoted_unless(value, looks_like_a_key)
}

/// The same, with a custom test for what is a key.
pub fn quoted_unless(value: &str, is_key: impl Fn(&str) -> bool) -> String {
    // Judged as it would be shown: without the invisible characters that could split a key or a URL.
    let line = one_line(value);
    if line.contains("://") || line.to_ascii_lowercase().contains("hooks.slack") {
        "(a URL)".to_owned()
    } else if is_key(&line) {
        "(what looks like a key)".to_owned()
    } else {
        format!("`{}`", cut(&line, 80))
    }
}

/// Whether `text` contains what may be a key: it looks like one of NCP's (20 or 40 letters and digits, or `ncp_iam_…`), of
/// AWS's, a Slack token or a JWT, or is a long mix of letters and digits. Text that reads as words is a name: of an option
/// (`provisioningGraceMinutes`), of a zone (`America/Argentina/Buenos_Aires`), of a secret (`NcpCertAlertSecret01`).
///
/// Sources: <https://api.ncloud-docs.com/docs/common-ncpapi>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>, <https://docs.slack.dev/authentication/tokens>.
#[must_use]
pub fn looks_like_a_key(text: &str) -> bool {
    let is_token = |text: &str| {
        let slack = text.strip_prefix("xox").and_then(|rest| rest.get(1..)).is_some_and(|rest| rest.starts_with('-'));
        (slack || text.starts_with("xapp-") || text.starts_with("eyJ")) && text.len() >= 16
    };
    let is_uuid = |text: &str| {
        let lengths = text.split('-').map(str::len);
        lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    text.contains("ncp_iam_")
        || text
            .split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
            .any(|run| is_token(run) || is_uuid(run))
        || text
            .split(|c: char| !(c.is_ascii_alphanumeric() || "+/".contains(c)))
            .any(|run| is_random(run) || run.split(['+', '/']).any(is_random))
}

/// Whether a run of letters, digits and Base64 symbols is long and does not read as words.
fn is_random(run: &str) -> bool {
    let count = |is: fn(&u8) -> bool| run.bytes().filter(is).count();
    let (upper, lower, digits) =
        (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase), count(u8::is_ascii_digit));
    let letters = upper + lower;
    if run.len() < 16 || letters == 0 {
        return false;
    }
    // A secret key of NCP or AWS; no option or zone has this length and a digit in it.
    if run.len() == 40 && upper > 0 && digits > 0 {
        return true;
    }
    // The words: `Ncp`, `Cert`, `Alert`, `Secret`, `01`. A key has more and shorter ones; numbers in names are short or
    // years, and capitals among lower-case letters are few.
    let is_number = |group: &str| matches!(group.len(), 0..=2) || (group.len() == 4 && group.starts_with(['1', '2']));
    let has_numbers =
        run.split(|c: char| !c.is_ascii_digit()).all(is_number) && digits <= 4 && (lower > 0 || digits == 0);
    let shouts = lower > 0 && run.split(|c: char| !c.is_ascii_uppercase()).any(|capitals| capitals.len() >= 6);
    let mut words = 0;
    let mut before = b'/';
    for byte in run.bytes() {
        let kind = |byte: u8| (byte.is_ascii_alphabetic(), byte.is_ascii_digit());
        let is_new = kind(byte) != kind(before) || (before.is_ascii_lowercase() && byte.is_ascii_uppercase());
        words += usize::from(is_new && byte.is_ascii_alphanumeric());
        before = byte;
    }
    !has_numbers || shouts || letters + digits < 3 * words
}
