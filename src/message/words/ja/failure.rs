//! 何が失敗し、どう対処するか：日本語。

use chrono::TimeDelta;

use super::Japanese;
use crate::chat::{Kind, Refusal};
use crate::message::words::Words;
use crate::message::words::failure::{FailureWords, Fix, Happened, minutes_off};
use crate::ncp::Error;
use crate::net::http::{ConnectError, HttpError};
use crate::secret_store::{Flaw, Mistake, Problem, Store};

impl FailureWords for Japanese {
    fn happened(&self, happened: &Happened<'_>) -> String {
        let (sentence, answer) = match happened {
            Happened::Ncp(error, answer) => (ncp(error), self.answer(answer)),
            Happened::Refused(kind, refusal, answer) => (refused(*kind, *refusal), self.answer(answer)),
            Happened::NoAnswer(error) => return fault(error),
            Happened::Secret(error) => {
                return format!("{}`{}`：{}", kept_in(error.store()), error.id, secret(&error.problem, error.store()));
            }
            Happened::Incomplete(incomplete) => {
                let why = match incomplete.unreadable {
                    0 if incomplete.checked >= incomplete.total => "（読み取り中に一覧が変化）".to_owned(),
                    0 => String::new(),
                    rows => format!("（読み取れない行{rows}件）"),
                };
                return format!("一覧が不完全です：{}件中{}件{why}", incomplete.total, incomplete.checked);
            }
            Happened::CertificateManager(happened) => {
                return format!("Certificate Managerを確認できませんでした。{}", self.happened(happened));
            }
            Happened::AlsoUndelivered => return "同じく送信できませんでした".to_owned(),
        };
        if answer.is_empty() { sentence.to_owned() } else { format!("{sentence}（{answer}）") }
    }

    fn fix(&self, fix: Fix) -> String {
        let text = match fix {
            Fix::SetClock(ahead) => {
                let minutes = minutes_off(ahead);
                let side = if ahead > TimeDelta::zero() { "進んで" } else { "遅れて" };
                return format!(
                    "時計がNCPより{minutes}分{side}います（5分を超えると拒否）。時計を合わせてください。Lambdaの場合はAWSに\
                     問い合わせてください。"
                );
            }
            Fix::AllowReading(Store::SecretsManager) => {
                "ロールに、このシークレットのsecretsmanager:GetSecretValueを許可してください。"
            }
            Fix::AllowReading(Store::ParameterStore) => {
                "ロールに、このパラメータのssm:GetParameterを許可してください。"
            }
            Fix::CheckStore(store) => {
                return format!(
                    "再度お試しください。続く場合は{store}への接続を確認してください（VPC内の関数にはエンドポイントか\
                     NATゲートウェイが必要です）。"
                );
            }
            Fix::NewWebhook(Kind::Teams) => {
                "TeamsのWorkflowsアプリで、誰でもトリガーできるフローを作り直し、URLを差し替えてください。"
            }
            Fix::NewWebhook(Kind::LineWorks) => {
                "Incoming WebhookアプリでURLを再発行して差し替え、Botがトークルームにいることを確認してください。"
            }
            Fix::NewWebhook(Kind::Json) => "中継サーバーのURLを確認してください。",
            Fix::NewWebhook(kind) => {
                return format!("{}で新しいIncoming Webhookを作成し、URLを差し替えてください。", kind.title());
            }
            Fix::AllowPosting(Kind::Teams) => {
                "フローのトリガーを`Anyone`（全員）に変更し、新しいURLをコピーして差し替えてください。"
            }
            Fix::AllowPosting(Kind::Json) => "中継サーバーが求める認証を確認してください。",
            Fix::AllowPosting(kind) => {
                return format!("Webhookがチャンネルに投稿できるよう、{}の管理者に依頼してください。", kind.title());
            }
            Fix::CheckKeys => {
                "アクセスキーとシークレットキーが正しい組み合わせで、キーが有効であることを確認してください。"
            }
            Fix::AllowListing => {
                "キーの所有者にGlobal Edgeの閲覧（一覧）権限があること、アカウントがGlobal Edgeを利用中であること、キーの接続元IPが\
                 制限されていないことを確認してください。"
            }
            Fix::AllowCertificateManager => {
                "キーの所有者にCertificate Managerの閲覧権限を付与するか、CERTIFICATE_MANAGERをオフにしてください。"
            }
            Fix::CheckApiUrl => {
                "NCP_API_URLまたはシークレットの`api_url`を確認してください。NCPはゾーンごとにアドレスが異なります。"
            }
            Fix::CheckApiUrlAndVersion => {
                "NCP_API_URLを確認してください。正しい場合はNCPのAPIが変更された可能性があるため、ncp-cert-alertの\
                 新しいバージョンを確認してください。"
            }
            Fix::CheckCertificateManagerUrl => {
                "CERTIFICATE_MANAGER_URL（またはシークレットの`certificate_manager_url`）とその接続を確認してください。NCPのゾーンごとに\
                 アドレスが異なります。"
            }
            Fix::WaitForMaintenance => {
                "NCPがメンテナンス中の可能性があるため、後で再試行してください。続く場合は、設定のAPIのURLと、プロキシが代わりに\
                 応答していないかを確認してください。"
            }
            Fix::RaiseQuota => "NCPのAPI Gatewayで上限を引き上げるか、実行回数を減らしてください。",
            Fix::RunLessOften => {
                "実行時刻をずらすか、実行回数を減らしてください。ほかのプログラムもこのAPIを使用しています。"
            }
            Fix::TryLater => "時間をおいて再度お試しください。続く場合はNCPのサービス状況を確認してください。",
            Fix::TryAgain => "再度お試しください。続く場合はインターネット接続と制限時間を確認してください。",
            Fix::CheckConnection => {
                "NCP_API_URLとインターネット接続を確認してください（VPC内の関数にはNATゲートウェイが必要です）。"
            }
            Fix::CheckProxyVariables => {
                "HTTPS_PROXY、ALL_PROXY、NO_PROXYと、プロキシが許可しているホストを確認してください。"
            }
            Fix::CheckProxy => "NCP_API_URLを確認してください。途中で証明書を差し替えるプロキシがあると動作しません。",
            Fix::CompareWithConsole => {
                "コンソールの一覧と比較してください。続く場合は、件数と一覧が異なる理由をNCPのサポートに問い合わせてください。"
            }
            Fix::CheckSecretId => "名前またはARNとリージョンを確認してください。",
            Fix::AllowDecrypting => {
                "ロールに該当するKMSキーのkms:Decryptを許可し、キーが有効であることを確認してください。"
            }
            Fix::RestoreSecret => "復元するか、別のシークレットを指定してください。",
            Fix::CheckCredentials => "AWSの認証情報（有効期限）と、このシステムの時計を確認してください。",
            Fix::CorrectSecret => "値を修正してください。形式はdocs/settings.md、詳細はログにあります。",
            Fix::SwitchFlowOn => "TeamsのWorkflowsアプリでフローを有効にしてください。",
            Fix::UseFlowTemplate => {
                "Workflowsアプリのテンプレート「Webhook要求を受信したらチャネルに投稿する」からフローを作成し、トリガーは変更せずに\
                 URLを差し替えてください。"
            }
            Fix::CopyUrl => "WebhookのURLを末尾までコピーし直すか、新しいWebhookを作成してURLを差し替えてください。",
            Fix::Unarchive => "チャンネルのアーカイブを解除するか、別のチャンネルのWebhookを使用してください。",
            Fix::ReportBug => "dry runの結果を添えて、不具合として報告してください。",
            Fix::CheckRelayFormat => "中継サーバーがドキュメントの形式（version 1）に対応しているか確認してください。",
            Fix::SeparateWebhook => "証明書の通知専用のWebhookを用意してください。",
            Fix::UseFinalUrl => "最終的なリダイレクト先のURLを使用してください。",
            Fix::CheckWebhook => {
                "Incoming WebhookのURLであること、別のサーバーが代わりに応答していないことを確認してください。"
            }
            Fix::PostLater => "時間をおいて再度お試しください。",
            Fix::CheckWebhookConnection => "WebhookのURLとインターネット接続を確認してください。",
            Fix::CheckWebhookHost => {
                "URLのホストが正しく、公的に信頼された証明書を使用していることを確認してください。"
            }
            Fix::SeeLog => "理由はログを確認してください。",
        };
        text.to_owned()
    }

    fn ncp_code(&self, code: &str) -> String {
        format!("NCPコード{code}")
    }
}

/// Webhookが拒否した理由。
fn refused(kind: Kind, refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Gone => "Webhookが削除されたか無効です",
        Refusal::SwitchedOff => "フローが無効になっています",
        Refusal::OtherSchema => "フローのトリガーが別の形式のメッセージを求めています",
        Refusal::CutUrl => "URLが途中で切れています",
        Refusal::Archived => "チャンネルがアーカイブされています",
        Refusal::Forbidden => "投稿する権限がありません",
        Refusal::TooLarge => "メッセージが大きすぎます",
        Refusal::Payload => "メッセージの形式が拒否されました",
        Refusal::RateLimited => "メッセージが多く、一時的に制限されています",
        Refusal::Redirected => "別のアドレスへリダイレクトされます",
        Refusal::NotAcknowledged if kind == Kind::Slack => "応答はありましたが`ok`ではありません",
        Refusal::NotAcknowledged => "応答はありましたが受信の確認ではありません",
        Refusal::Unexplained => "メッセージが拒否されました",
        Refusal::Unavailable => "サーバーエラーが発生しています",
    }
}

fn kept_in(store: Store) -> &'static str {
    match store {
        Store::SecretsManager => "シークレット",
        Store::ParameterStore => "パラメータ",
    }
}

fn secret(problem: &Problem, store: Store) -> String {
    match problem {
        Problem::NotFound => format!("このリージョンの{store}に存在しません"),
        Problem::AccessDenied => "読み取り権限がありません".to_owned(),
        Problem::NotDecrypted => format!("{store}が復号できませんでした"),
        Problem::Deleted => "削除予定になっています".to_owned(),
        Problem::OtherRegion { asked, of_arn } => {
            format!("{store}を検索したリージョンは{asked}ですが、ARNのリージョンは{of_arn}です")
        }
        Problem::NoValue => "値が保存されていません".to_owned(),
        Problem::Credentials(code) => format!("AWSが認証情報を拒否しました：{code}"),
        Problem::NoAnswer(error) => format!("{store}に接続できませんでした：{}", fault(error)),
        Problem::Busy(code) => format!("{store}のサービスエラー：{code}"),
        Problem::Refused(code) => format!("{store}がリクエストを拒否しました：{code}"),
        Problem::Unreadable => format!("{store}の応答を読み取れません"),
        Problem::Invalid(flaws) => flaws.iter().map(flaw).collect::<Vec<_>>().join("、"),
    }
}

/// シークレットの誤り。
fn flaw(flaw: &Flaw) -> String {
    let field = &flaw.field;
    match flaw.mistake {
        Mistake::Missing => format!("{field}なし"),
        Mistake::UnknownKey => format!("不明なキー{field}"),
        Mistake::Empty if field.is_empty() => "値が空".to_owned(),
        Mistake::Empty => format!("{field}が空"),
        Mistake::WrongType => format!("{field}の型が不正"),
        Mistake::Doubled => format!("{field}が重複"),
        Mistake::NotJson { line, column } => format!("JSONの構文エラー（{line}行{column}列）"),
        Mistake::NotAnObject => "JSONオブジェクトではない値".to_owned(),
        Mistake::JsonInString if field.is_empty() => "JSON全体が文字列として保存されている".to_owned(),
        Mistake::JsonInString => format!("{field}のJSONが文字列になっている"),
        Mistake::PathStored => "ファイルの内容ではなくパス（`file://`）が保存されている".to_owned(),
        Mistake::InQuotes => format!("{field}の値に引用符が含まれている"),
        Mistake::BadCharacter => format!("{field}の値に空白などキーに使えない文字が含まれている"),
        Mistake::BadUrl => format!("{field}の値は使用できないURL"),
        Mistake::UnreadableFile => "ファイルを読み取れない".to_owned(),
        Mistake::UnsetVariable => "環境変数が未設定".to_owned(),
        // まれな誤りであり、英語の説明のほうが正確である。
        Mistake::Other => flaw.to_string(),
    }
}

fn ncp(error: &Error) -> &'static str {
    match error {
        Error::Unauthorized { .. } => "NCPがキーを拒否しました",
        Error::PermissionDenied { .. } => "権限不足で拒否されました",
        Error::NotFound { .. } => "NCPに存在しないアドレスです",
        Error::QuotaExceeded { .. } => "APIの利用上限に達しました",
        Error::RateLimited { .. } => "リクエストが多すぎます",
        Error::Unavailable { .. } => "NCPがサーバーエラーを返しました",
        Error::Refused { .. } => "NCPがリクエストを拒否しました",
        Error::WebPage { .. } => "NCPの応答の代わりにWebページが返されました",
        // 詳細はパーサーの英文で、ログにある。
        Error::Malformed(_) | Error::Http(_) => "NCPの応答を読み取れません",
    }
}

fn fault(fault: &HttpError) -> String {
    match fault {
        HttpError::TimedOut => "制限時間内に応答がありませんでした".to_owned(),
        HttpError::Connect(ConnectError::Refused) => "接続が拒否されました".to_owned(),
        HttpError::Connect(ConnectError::Untrusted) => "サーバー証明書を信頼できません".to_owned(),
        HttpError::Connect(ConnectError::Unreachable) => "接続できませんでした".to_owned(),
        HttpError::Connect(ConnectError::ProxyUnreachable) => "プロキシに接続できませんでした".to_owned(),
        HttpError::Connect(ConnectError::ProxyLogin) => "プロキシがユーザー名とパスワードを求めています".to_owned(),
        HttpError::Connect(ConnectError::ProxyRefused) => "プロキシがホストに接続しませんでした".to_owned(),
        HttpError::Interrupted => "応答の途中で接続が切れました".to_owned(),
        HttpError::TooLarge { limit } => format!("応答が{} KBを超えています", limit / 1024),
    }
}
