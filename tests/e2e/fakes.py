"""Servers on 127.0.0.1 that stand for Global Edge and for the chats: they check what comes, keep it, and answer.

Written from the vendors' pages and not from the program's code, so that a mistake is not made twice.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LIST = "/api/v1/certificate/provisioning"
SKEW = 5 * 60 * 1000  # milliseconds: what the gateway tolerates
DAYS = timedelta(days=1)


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: str


@dataclass
class Reply:
    status: int = 200
    body: str = ""
    wait: float = 0  # seconds before the answer


class Server:
    """Keeps every request. Replies put into `script` come first; after them `answer` decides."""

    def __init__(self):
        self.requests: list[Request] = []
        self.script: list[tuple[str, list[Reply]]] = []
        self.stopped = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet

            def handle_one(self):
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = server.reply(Request(self.command, self.path, headers, self.rfile.read(length).decode()))
                server.stopped.wait(reply.wait)
                body = reply.body.encode()
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = handle_one

            def log_message(self, *_):
                pass

        class Http(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # a client that has gone away is not the server's concern
                pass

        self.http = Http(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.stopped.set()
        self.http.shutdown()
        self.http.server_close()

    def reply(self, request):
        self.requests.append(request)
        for part, replies in self.script:
            if replies and part in request.target:
                return replies.pop(0)
        return self.answer(request)


# --- Global Edge ------------------------------------------------------------------------------------------------------


def signature(method, target, timestamp, access_key, secret_key):
    text = f"{method} {target}\n{timestamp}\n{access_key}"
    return base64.b64encode(hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def iso(moment):
    """NCP's dates: UTC, milliseconds without their last zeros."""
    text = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}".rstrip("0").rstrip(".")
    return text + "Z"


def certificate(slot, name, left, **other):
    """A row of the list: a RUNNING certificate with the time `left`."""
    expiry = datetime.now(UTC) + left
    row = {
        "slotId": slot,
        "commonName": name,
        "serviceRegion": "KR_JP",
        "tlsVersion": "1.2,1.3",
        "cipherProfile": "GE-DEFAULT-v1",
        "certificateName": f"cm-{slot}",
        "expirationDate": iso(expiry),
        "provisionStatus": "RUNNING",
        "provisionDate": iso(expiry - timedelta(days=90)),
    }
    return row | other


def detail(row, edges):
    """The detail of a slot: the fields that are documented."""
    return {
        "slotId": row["slotId"],
        "certificates": [
            {
                "itemId": row["slotId"] * 10,
                "serviceRegion": "KR_JP",
                "cmCertificateName": row["certificateName"],
                "commonName": row["commonName"],
                "sanDomains": [row["commonName"]],
            }
        ],
        "linkedEdges": {
            "content": [{"edgeName": name} for name in edges],
            "pageable": {"pageNo": 1, "offset": 15, "totalCount": len(edges)},
        },
    }


def several(count=8):
    """Rows with something critical, something to warn of, something for information, and the rest healthy."""
    rows = [
        certificate(1, "expired.example.kr", -2 * DAYS),
        certificate(2, "soon.example.kr", 3 * DAYS + timedelta(hours=2)),
        certificate(3, "later.example.kr", 20 * DAYS),
        certificate(4, "new.example.kr", 300 * DAYS, provisionStatus="READY", provisionDate=None),
        certificate(5, "gone.example.kr", -1 * DAYS, provisionStatus="DELETED"),
    ]
    return rows + [certificate(slot, f"ok{slot}.example.kr", 200 * DAYS) for slot in range(6, count + 1)]


@dataclass
class Account:
    access_key: str
    secret_key: str
    rows: list[dict]
    details: dict[int, dict] = field(default_factory=dict)
    cap: int = 100  # the most rows of a page


class GlobalEdge(Server):
    """Accounts by access key, as https://api.ncloud-docs.com/docs/edge-overview describes the API."""

    def __init__(self):
        super().__init__()
        self.accounts: dict[str, Account] = {}
        self.refused: list[str] = []  # why requests were not authenticated

    def answer(self, request):
        account, problem = self.authenticate(request)
        if problem:
            self.refused.append(problem)
            return gateway_error(401, "200", "Authentication Failed")
        if request.method != "GET" or request.headers.get("accept") != "application/json":
            return gateway_error(400, "100", "Bad Request Exception")
        url = urlsplit(request.target)
        if url.path == LIST:
            query = parse_qs(url.query)
            page, size = int(query["pageNo"][0]), min(int(query["offset"][0]), account.cap)
            rows = account.rows[(page - 1) * size : page * size]
            pageable = {"pageNo": page, "offset": size, "totalCount": len(account.rows)}
            return success({"content": rows, "pageable": pageable})
        slot = url.path.removeprefix(LIST + "/")
        found = account.details.get(int(slot)) if slot.isdigit() else None
        return success(found) if found else gateway_error(404, "300", "Not Found Exception")

    def authenticate(self, request):
        header = request.headers.get
        timestamp, access_key = header("x-ncp-apigw-timestamp", ""), header("x-ncp-iam-access-key", "")
        account = self.accounts.get(access_key)
        if account is None:
            return None, "unknown access key"
        if not timestamp.isdigit() or abs(int(timestamp) - time.time() * 1000) > SKEW:
            return None, f"timestamp {timestamp}"
        expected = signature(request.method, request.target, timestamp, access_key, account.secret_key)
        if not hmac.compare_digest(expected, header("x-ncp-apigw-signature-v2", "")):
            return None, "signature"
        return account, None


def success(result):
    return Reply(200, json.dumps({"code": "0000", "message": "Success", "result": result}))


def gateway_error(status, code, message):
    return Reply(status, json.dumps({"error": {"errorCode": code, "message": message, "details": ""}}))


# --- Chats ------------------------------------------------------------------------------------------------------------


class Chat(Server):
    """Slack's and Teams' webhooks, by path."""

    def answer(self, request):
        if request.method != "POST" or request.headers.get("content-type") != "application/json":
            return Reply(400, "invalid_payload")
        return Reply(200, "ok") if request.target.startswith("/services/") else Reply(202)
