"""What is served, by OpenSSL: the tests in Rust serve it with the library that looks."""

import datetime
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import validate
from fakes import certificate, iso

NAME = "www.example.kr"


def served(directory, days):
    """A context with a certificate for the name that is valid for some days."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=300))
    builder = builder.not_valid_after(now + datetime.timedelta(days=days, hours=1))
    leaf = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    no_password = serialization.NoEncryption()
    file = directory / f"{days}.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password) + leaf.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def host(context):
    """A host that serves it, and the names that were asked for."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)

    def serve():
        while True:
            connection, _ = listener.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as stream:
                    assert stream.recv(1) == b"", "nothing is sent"
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    return f"{NAME}=127.0.0.1:{listener.getsockname()[1]}", asked


def test_what_openssl_serves_is_read_with_both_versions_of_tls(world, tmp_path):
    deployed = iso(datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=10))
    world.account("prod", [certificate(71, NAME, datetime.timedelta(days=200), provisionDate=deployed)])
    world.webhooks(slack={})
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        for days, counts, words in (
            (3, (1, 0), "is served expires in 3 days"),
            (60, (0, 1), "an older certificate is still served"),
        ):
            context = served(tmp_path, days)
            context.minimum_version = context.maximum_version = version
            entry, asked = host(context)
            answer = world.function(PROBE="true", PROBE_HOSTS=entry).invoke().succeeded()
            assert (answer["probed"], answer["critical"], answer["warning"]) == (1, *counts)
            text = validate.message("slack", *world.posted("slack"))
            world.chat.requests.clear()
            assert words in text and "seen from ap-northeast-2" in text, text
            assert asked == [NAME, NAME], "once, and once more to be sure"
