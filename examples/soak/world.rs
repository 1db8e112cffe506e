//! Random worlds: accounts and what they serve, settings, webhooks, events; and how they change between invocations.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::chats::CHATS;
use crate::faults::Faults;
use crate::servers::Deviations;

/// How urgent something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Info,
    Warning,
    Critical,
}

pub(crate) const LEVELS: [Level; 3] = [Level::Info, Level::Warning, Level::Critical];

/// Everything that the function meets, between two invocations.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) seed: u64,
    /// The environment variables that make a difference.
    pub(crate) settings: BTreeMap<&'static str, String>,
    /// The offset of the zone of the messages, which has no summer time, in minutes.
    pub(crate) offset: i64,
    pub(crate) accounts: Vec<Account>,
    /// Whether one secret holds all accounts.
    shares_secret: bool,
    pub(crate) hooks: Vec<Hook>,
    /// The entries of mutes in the webhooks' secret.
    pub(crate) mutes: Vec<Value>,
    /// How many of a hundred requests go wrong.
    percent: u8,
    /// How many of a hundred certificates have something to report.
    due: u8,
    pub(crate) now: DateTime<Utc>,
    /// Every secret there ever was.
    pub(crate) canaries: Vec<String>,
    /// How many certificates there ever were.
    count: i64,
}

/// An account and its Global Edge.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) label: String,
    /// The keys in its secret, and those that NCP accepts.
    pub(crate) keys: (String, String),
    pub(crate) accepted: (String, String),
    /// The most rows of a page.
    pub(crate) cap: usize,
    pub(crate) deviations: Deviations,
    /// How far the reported total is off.
    pub(crate) total_is_off_by: isize,
    /// Before which list request, from 0, the row in the middle leaves the list.
    pub(crate) shrinks_at: Option<usize>,
    pub(crate) slots: Vec<Slot>,
}

/// A certificate on Global Edge.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    /// Part of its names, and of no others.
    pub(crate) token: String,
    pub(crate) id: i64,
    pub(crate) name: String,
    /// `None` is stated in one way or another.
    pub(crate) expiry: Option<DateTime<Utc>>,
    pub(crate) status: Option<&'static str>,
    pub(crate) provisioned: Option<DateTime<Utc>>,
    /// What its row holds of [`ODD`]: such a row may be read, or lost.
    pub(crate) odd: Option<usize>,
    /// The expiry that its detail states, and whether no edge uses it.
    pub(crate) detailed: Option<DateTime<Utc>>,
    pub(crate) is_unused: bool,
    /// When the certificate ends that its host serves, if it has a host. It began before all others.
    pub(crate) served: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Hook {
    pub(crate) label: String,
    /// Its position in [`CHATS`].
    pub(crate) chat: usize,
    /// Path and query of its URL.
    pub(crate) path: String,
    /// Everything else in its entry in the secret.
    pub(crate) entry: Value,
}

#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    /// The options of its event.
    pub(crate) options: Map<String, Value>,
    pub(crate) deadline: Duration,
    pub(crate) faults: Faults,
    /// Whether the keys that init reads differ from those that NCP accepts when the invocation begins.
    pub(crate) keys_are_rotated: bool,
}

/// The id of the webhooks' secret.
pub(crate) const HOOKS: &str = "alerts/hooks";

/// The most webhooks of a world.
pub(crate) const MOST_HOOKS: usize = 4;

/// What names end with.
const SUFFIXES: [&str; 4] = ["pay.example.kr", "shop.example.kr", "news.example.com", "api.example.co.kr"];

/// What further stands in names.
const ODD_NAMES: [&str; 6] = [
    "\u{202e}evil",
    "\n<!channel>",
    "${x}{{y}}",
    "*_`~<b>&amp;",
    "-가나다-証明書-👩‍👩‍👧",
    ".a-label-that-goes-on-and-on-and-on.a-label-that-goes-on-and-on-and-on.a-label-that-goes-on-and-on",
];

const ZONES: [(&str, i64); 3] = [("Asia/Seoul", 540), ("Pacific/Kiritimati", 840), ("America/Phoenix", -420)];

/// What a row holds in place of `"odd":N`.
pub(crate) const ODD: [(&str, &str); 3] =
    [(r#""odd":0"#, r#""slotId":1"#), (r#""odd":1"#, r#""tlsVersion":"\ud83d""#), (r#""odd":2"#, r#""size":1e999"#)];

fn chance(rng: &mut Rng, percent: u8) -> bool {
    rng.u8(..100) < percent
}

fn pick<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let accounts = pick(rng, &[1, 1, 1, 2, 2, 3, 6]);
        let (zone, offset) = pick(rng, &ZONES);
        let settings = BTreeMap::from([
            ("WARN_DAYS", pick(rng, &["30", "30", "45", "90", "365"]).to_owned()),
            ("CRITICAL_DAYS", pick(rng, &["7", "7", "0", "1", "14", "30"]).to_owned()),
            ("PROVISIONING_GRACE_MINUTES", pick(rng, &["120", "120", "0", "10080"]).to_owned()),
            ("MESSAGE_LANGUAGE", pick(rng, &["en", "ko", "ja"]).to_owned()),
            ("TIME_ZONE", zone.to_owned()),
            ("NOTIFY_WHEN_CLEAR", chance(rng, 40).to_string()),
            ("CERTIFICATE_DETAILS", chance(rng, 80).to_string()),
            // An account with a URL of its own is not asked.
            ("CERTIFICATE_MANAGER", (accounts == 1 && chance(rng, 30)).to_string()),
            ("PROBE", chance(rng, 25).to_string()),
        ]);
        let mut world = Self {
            seed,
            settings,
            offset,
            shares_secret: accounts > 1 && rng.bool(),
            percent: pick(rng, &[0, 2, 10, 40]),
            due: pick(rng, &[0, 20, 70, 70]),
            now: DateTime::from_timestamp(rng.i64(1_704_067_200..1_893_456_000), 0).unwrap_or_default(),
            canaries: vec!["ASIASOAKAWS000001".to_owned(), "soakAwsSecret/soakAwsSecret+soakAws0001".to_owned()],
            count: rng.i64(1..500),
            ..Self::default()
        };
        for number in 0..accounts {
            let mut account = world.account(number, rng);
            if world.is_on("PROBE") {
                account.slots.iter_mut().take(3).for_each(|slot| world.give_host(slot, rng));
            }
            world.accounts.push(account);
        }
        world.new_hooks(rng);
        world.new_mutes(rng);
        world
    }

    /// A setting that is a number.
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.settings[name].parse().unwrap_or_default()
    }

    /// A setting that is on or off.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.settings[name] == "true"
    }

    /// Changes the world before the invocation with this number, and says what that is.
    pub(crate) fn step(&mut self, number: u64) -> Invocation {
        let faults = Faults { seed: self.seed.wrapping_mul(31).wrapping_add(number), percent: self.percent };
        let rng = &mut Rng::with_seed(faults.mixed("step"));
        if number > 0 {
            self.now += TimeDelta::seconds(pick(rng, &[0, 60, 3600, 86_400, 86_400, 7 * 86_400, 20 * 86_400]));
            for position in 0..self.accounts.len() {
                self.change_account(position, rng);
            }
            if chance(rng, 30) {
                self.new_hooks(rng);
            }
            if chance(rng, 30) {
                self.new_mutes(rng);
            }
        }
        for account in &mut self.accounts {
            account.shrinks_at = chance(rng, 5).then(|| rng.usize(..4));
        }
        Invocation {
            options: self.options(rng),
            deadline: Duration::from_millis(if chance(rng, 6) { rng.u64(1500..5000) } else { 60_000 }),
            faults,
            keys_are_rotated: number == 0 && chance(rng, 25),
        }
    }

    /// A secret that reads as no word: every fourth character is a digit.
    fn canary(&mut self, rng: &mut Rng, length: usize) -> String {
        let letter = |at: usize| if at % 4 == 3 { rng.digit(10) } else { rng.alphanumeric() };
        let canary: String = (0..length).map(letter).collect();
        self.canaries.push(canary.clone());
        canary
    }

    fn keys(&mut self, rng: &mut Rng) -> (String, String) {
        (self.canary(rng, 20), self.canary(rng, 40))
    }

    fn account(&mut self, number: usize, rng: &mut Rng) -> Account {
        let keys = self.keys(rng);
        let most = pick(rng, &[0, 3, 6, 12, 30, 60, 130, 300]);
        let deviations = Deviations {
            max_size: pick(rng, &[None, None, None, Some(15), Some(100)]),
            stated_size: pick(rng, &[None, None, None, Some(1), Some(1000)]),
            empty_pages: chance(rng, 5).then(|| rng.usize(1..6)).into_iter().collect(),
            rotation: if chance(rng, 7) { rng.usize(1..4) } else { 0 },
            ..Deviations::default()
        };
        Account {
            label: format!("acct{number}q"),
            accepted: keys.clone(),
            keys,
            slots: (0..rng.usize(..=most)).map(|_| self.slot(rng)).collect(),
            cap: pick(rng, &[1000, 1000, 100, 37, 15, 15, 7]),
            deviations,
            total_is_off_by: if chance(rng, 4) { pick(rng, &[-1, 1, 5, 200]) } else { 0 },
            shrinks_at: None,
        }
    }

    fn slot(&mut self, rng: &mut Rng) -> Slot {
        self.count += 1;
        let (id, token) = (10_000 + self.count, format!("c{:05}q", self.count));
        // No name is looked up: only wildcards have no host to look at.
        let wildcard = if self.is_on("PROBE") || chance(rng, 10) { "*." } else { "" };
        let odd_name = if chance(rng, 10) { pick(rng, &ODD_NAMES) } else { "" };
        let name = format!("{wildcard}{token}.{}{odd_name}", pick(rng, &SUFFIXES));
        let (warn, critical) = (self.number("WARN_DAYS"), self.number("CRITICAL_DAYS"));
        let (now, second) = (self.now, TimeDelta::seconds(1));
        let edge = pick(rng, &[TimeDelta::zero(), second, -second]);
        let within = |rng: &mut Rng, from: i64, to: i64| {
            now + TimeDelta::seconds(rng.i64(86_400 * from..=86_400 * to.max(from)))
        };
        let healthy = within(rng, warn + 1, warn + 400);
        let stuck = pick(rng, &["READY", "PUBLISHING"]);
        let (mut expiry, mut status, mut provisioned) = (Some(healthy), Some("RUNNING"), Some(now - days(500)));
        match if chance(rng, self.due) { rng.u8(1..=20) } else { 0 } {
            1 | 2 => expiry = Some(within(rng, -40, 0)),
            3 => expiry = Some(now + edge),
            4 => expiry = Some(now + days(critical) + edge),
            5 => expiry = Some(now + days(warn) + edge),
            6 | 7 => expiry = Some(within(rng, 0, critical)),
            8..=11 => expiry = Some(within(rng, critical, warn)),
            // What became a warning 26 hours ago: news by a hair, or no news.
            12 | 13 => expiry = Some(now + days(warn) - TimeDelta::hours(26) + edge),
            14 => expiry = None,
            15 => {
                let grace = TimeDelta::minutes(self.number("PROVISIONING_GRACE_MINUTES"));
                (status, provisioned) = (Some(stuck), Some(now - grace + edge));
            }
            16 => (status, provisioned) = (Some(stuck), Some(within(rng, -3, 2))),
            17 => (expiry, status) = (Some(within(rng, -2, warn)), Some(stuck)),
            18 => (status, provisioned) = (Some(stuck), None),
            19 => (expiry, status) = (Some(within(rng, -30, 30)), pick(rng, &[Some("DELETED"), Some("DELETING")])),
            20 => status = pick(rng, &[Some("FAILED"), None]),
            _ => provisioned = Some(within(rng, -300, 0)),
        }
        let earlier = if chance(rng, 12) { within(rng, 0, 20) - now } else { TimeDelta::zero() };
        let (detailed, is_unused) = (expiry.map(|time| time - earlier), chance(rng, 20));
        let odd = (rng.u16(..1000) < 6).then(|| rng.usize(..ODD.len()));
        Slot { token, id, name, expiry, status, provisioned, odd, detailed, is_unused, served: None }
    }

    /// Gives a slot a host, which serves what it should, or a certificate that ends before the slot does.
    fn give_host(&self, slot: &mut Slot, rng: &mut Rng) {
        let critical = self.number("CRITICAL_DAYS");
        slot.name = format!("{}.{}", slot.token, pick(rng, &SUFFIXES));
        slot.served = match rng.u8(..4) {
            0 => slot.expiry,
            1 => Some(self.now + TimeDelta::hours(rng.i64(-200..=24 * critical))),
            2 => Some(self.now + days(critical)),
            _ => Some(self.now + days(critical + rng.i64(1..200))),
        };
        slot.served = slot.served.or(Some(self.now));
    }

    /// The hosts: each one's name, and when the certificate ends that it serves.
    pub(crate) fn hosts(&self) -> Vec<(String, DateTime<Utc>)> {
        let slots = self.accounts.iter().flat_map(|account| &account.slots);
        slots.filter_map(|slot| Some((slot.name.clone(), slot.served?))).collect()
    }

    /// Keys are rotated, certificates come and go, between two invocations.
    fn change_account(&mut self, position: usize, rng: &mut Rng) {
        let rotated = chance(rng, 30).then(|| self.keys(rng));
        let account = &mut self.accounts[position];
        account.accepted = rotated.unwrap_or_else(|| account.keys.clone());
        // Sometimes the secret was forgotten.
        if !chance(rng, 10) {
            account.keys.clone_from(&account.accepted);
        }
        // What left the list during the last invocation is gone.
        if account.shrinks_at.is_some() && !account.slots.is_empty() {
            account.slots.remove(account.slots.len() / 2);
        }
        for _ in 0..rng.usize(..3).min(account.slots.len()) {
            account.slots.remove(rng.usize(..account.slots.len()));
        }
        for _ in 0..rng.usize(..4) {
            let slot = self.slot(rng);
            self.accounts[position].slots.push(slot);
        }
    }

    /// A slot of any account, and the account's label.
    fn any_slot(&self, rng: &mut Rng) -> Option<(String, &Slot)> {
        let account = &self.accounts[rng.usize(..self.accounts.len())];
        let slot = account.slots.get(rng.usize(..account.slots.len().max(1)))?;
        Some((account.label.clone(), slot))
    }

    fn new_hooks(&mut self, rng: &mut Rng) {
        self.hooks.clear();
        for number in 0..pick(rng, &[1, 1, 2, 2, 3, MOST_HOOKS]) {
            // What relays get can be read as a program reads it, so they are frequent.
            let chat = if chance(rng, 25) { 0 } else { rng.usize(..CHATS.len()) };
            let path = format!("/services/{}/B0?sig={}", self.canary(rng, 12), self.canary(rng, 24));
            let level = pick(rng, &[Level::Info, Level::Info, Level::Warning, Level::Critical]);
            let label = format!("hook{number}q");
            let mut entry = json!({"name": label, "kind": CHATS[chat].kind, "min_severity": level});
            if rng.bool() {
                entry["mention"] = json!(CHATS[chat].mention());
            }
            if chance(rng, 20) {
                let labels = self.accounts.iter().map(|account| account.label.as_str());
                entry["accounts"] = labels.filter(|_| rng.bool()).chain(["another"]).collect();
            }
            if chance(rng, 20) {
                let slot = self.any_slot(rng).map(|(_, slot)| format!("{}*", slot.token.to_uppercase()));
                let suffixes = SUFFIXES.iter().filter(|_| chance(rng, 30)).map(|suffix| format!("*.{suffix}"));
                entry["names"] = suffixes.chain(slot).chain(["*.SHOP.example.kr".to_owned()]).collect();
            }
            self.hooks.push(Hook { label, chat, path, entry });
        }
    }

    fn new_mutes(&mut self, rng: &mut Rng) {
        self.mutes.clear();
        let today = (self.now + TimeDelta::minutes(self.offset)).date_naive();
        for _ in 0..pick(rng, &[0, 0, 0, 1, 3, 6]) {
            let Some((account, slot)) = self.any_slot(rng) else { continue };
            let subject = match rng.u8(..4) {
                0 | 1 => slot.id.to_string(),
                2 => format!("{}*", slot.token.to_uppercase()),
                _ => format!("*.{}", pick(rng, &SUFFIXES)),
            };
            let what = if chance(rng, 40) { format!("{account}/{subject}") } else { subject };
            let until = today + days(pick(rng, &[-30, -1, 0, 1, 60, 200]));
            self.mutes.push(json!({"what": what, "until": until, "why": "OPS-1", "critical": chance(rng, 30)}));
        }
    }

    /// The options of an event.
    fn options(&self, rng: &mut Rng) -> Map<String, Value> {
        let mut options = Map::new();
        let mut some = |rng: &mut Rng, percent: u8, key: &str, value: fn(&mut Rng, &Self) -> Value| {
            if chance(rng, percent) {
                options.insert(key.to_owned(), value(rng, self));
            }
        };
        some(rng, 8, "dry_run", |_, _| json!(true));
        some(rng, 5, "test", |_, _| json!(true));
        some(rng, 15, "now", |rng, world| {
            let away = pick(rng, &[0, 0, -86_400, 86_400 * 10, 86_400 * 40]);
            json!((world.now + TimeDelta::seconds(away)).to_rfc3339())
        });
        some(rng, 8, "warn_days", |rng, _| json!(rng.i64(30..=400)));
        some(rng, 8, "critical_days", |rng, _| json!(rng.i64(0..=30)));
        some(rng, 15, "notify_when_clear", |rng, _| json!(rng.bool()));
        some(rng, 12, "min_severity", |rng, _| json!(pick(rng, &LEVELS)));
        some(rng, 40, "fresh_hours", |rng, _| json!(pick(rng, &[26, 26, 26, 1, 400])));
        if !options.contains_key("fresh_hours") && chance(rng, 20) {
            options.insert("summary".to_owned(), json!(true));
        }
        options
    }

    /// The environment variables, except for the addresses.
    pub(crate) fn vars(&self) -> BTreeMap<&'static str, String> {
        let ids: BTreeSet<String> = self.accounts.iter().map(|account| self.secret_id(account)).collect();
        let mut vars = self.settings.clone();
        vars.extend([
            ("NCP_SECRET_ID", ids.into_iter().collect::<Vec<_>>().join(", ")),
            ("WEBHOOK_SECRET_ID", HOOKS.to_owned()),
            ("AWS_REGION", "ap-northeast-2".to_owned()),
            ("AWS_ACCESS_KEY_ID", self.canaries[0].clone()),
            ("AWS_SECRET_ACCESS_KEY", self.canaries[1].clone()),
            ("AWS_LAMBDA_FUNCTION_NAME", "certs".to_owned()),
        ]);
        vars
    }

    /// The id of the secret with an account's keys.
    pub(crate) fn secret_id(&self, account: &Account) -> String {
        if self.shares_secret { "ncp/all".to_owned() } else { format!("ncp/{}", account.label) }
    }

    /// The secrets with keys by their ids; `urls` are the addresses of the accounts' Global Edges.
    pub(crate) fn account_secrets(&self, urls: &[String]) -> BTreeMap<String, String> {
        let entry = |(Account { label, keys, .. }, url): (&Account, &String)| {
            let mut entry = json!({"name": label, "access_key": keys.0, "secret_key": keys.1});
            if urls.len() > 1 {
                entry["api_url"] = json!(url);
            }
            entry
        };
        let entries: Vec<Value> = self.accounts.iter().zip(urls).map(entry).collect();
        if self.shares_secret {
            return BTreeMap::from([("ncp/all".to_owned(), json!({"accounts": entries}).to_string())]);
        }
        let ids = self.accounts.iter().map(|account| self.secret_id(account));
        ids.zip(entries.iter().map(Value::to_string)).collect()
    }

    /// The webhooks' secret as text; `urls` are the addresses of the webhooks' servers.
    pub(crate) fn hooks_secret(&self, urls: &[String]) -> String {
        let hook = |(hook, url): (&Hook, &String)| {
            let mut entry = hook.entry.clone();
            entry["url"] = json!(format!("{url}{}", hook.path));
            entry
        };
        let hooks: Vec<Value> = self.hooks.iter().zip(urls).map(hook).collect();
        json!({"webhooks": hooks, "mutes": self.mutes}).to_string()
    }
}

impl Slot {
    /// The row of the list; one of [`ODD`] stands for what no JSON value can hold.
    pub(crate) fn row(&self) -> Value {
        let unknown = [Value::Null, json!("soon"), json!("2027-02-30T00:00:00Z"), json!("{{x}}")];
        let unknown = &unknown[usize::try_from(self.id % 4).unwrap_or_default()];
        json!({
            "slotId": self.id,
            "commonName": self.name,
            "serviceRegion": "KR_JP",
            "certificateName": format!("cert-{}", self.token),
            "expirationDate": self.expiry.map_or(unknown.clone(), |time| json!(time)),
            "provisionDate": self.provisioned,
            "provisionStatus": self.status,
            "odd": self.odd,
        })
    }

    /// The slot's number and its detail page.
    pub(crate) fn page(&self) -> (i64, Value) {
        let edges = if self.is_unused { vec![] } else { vec![json!({"id": 1, "edgeName": "front"})] };
        let certificate = json!({"commonName": self.name, "serviceRegion": "KR_JP", "expirationDate": self.detailed});
        let linked = json!({"pageable": {"pageNo": 1, "totalCount": edges.len()}, "content": edges});
        (self.id, json!({"slotId": self.id, "certificates": [certificate], "linkedEdges": linked}))
    }
}

impl Account {
    /// Whether its list says the same at all times, and nothing but the truth.
    pub(crate) fn is_honest(&self) -> bool {
        let is_steady = self.total_is_off_by == 0 && self.shrinks_at.is_none() && self.deviations.rotation == 0;
        is_steady && self.deviations.empty_pages.is_empty() && self.slots.iter().all(|slot| slot.odd.is_none())
    }

    /// Whether a slot leaves the list while it is read.
    pub(crate) fn loses(&self, slot: &Slot) -> bool {
        self.shrinks_at.is_some() && self.slots[self.slots.len() / 2].id == slot.id
    }
}
