"""clamd's protocol, against something that speaks it, and against clamd itself where it is installed."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path

import pytest

from tests.factories.media import EICAR, FakeClamd
from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.scanner import ScannerDown, TooLargeToScan, open_scanner
from tourpad.core.gateways.scanner.clamd import CHUNK, Clamd
from tourpad.core.settings import load_settings


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[FakeClamd]:
    with FakeClamd(tmp_path, most=3 * CHUNK).running() as running:
        yield running


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_every_byte_arrives(clamd: FakeClamd, tmp_path: Path, size: int) -> None:
    assert Clamd(str(clamd.path)).scan(_file(tmp_path, bytes(size))) is None
    assert clamd.scanned == [size]


def test_the_test_virus_is_found_across_chunks(clamd: FakeClamd, tmp_path: Path) -> None:
    for before in (0, CHUNK - 10):
        assert Clamd(f"unix:{clamd.path}").scan(_file(tmp_path, bytes(before) + EICAR)) == "Eicar-Test-Signature"


def test_a_file_above_its_limit_gets_no_verdict(clamd: FakeClamd, tmp_path: Path) -> None:
    with pytest.raises(TooLargeToScan) as refused:
        Clamd(str(clamd.path)).scan(_file(tmp_path, bytes(3 * CHUNK + 1)))
    assert "StreamMaxLength" in (refused.value.hint or "")


def test_it_says_which_version_it_is(clamd: FakeClamd) -> None:
    assert Clamd(str(clamd.path)).version().startswith("ClamAV 1.4")


def test_nobody_there_is_no_verdict(tmp_path: Path) -> None:
    for address in (str(tmp_path / "absent"), "tcp://127.0.0.1:1"):
        with pytest.raises(ScannerDown) as refused:
            Clamd(address).scan(_file(tmp_path, b"x"))
        assert refused.value.code == "scanner_down"


@pytest.mark.parametrize("answer", [b"", b"COMMAND READ TIMED OUT\0", b"stream: Can't allocate memory ERROR\0"])
def test_any_other_answer_is_no_verdict(tmp_path: Path, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                while not connection.recv(65536).endswith(bytes(4)):
                    pass
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(ScannerDown):
            Clamd(f"tcp://127.0.0.1:{listening.getsockname()[1]}").scan(_file(tmp_path, b"hello"))
        thread.join()


@pytest.mark.parametrize("address", ["clamd.ctl", "tcp://", "tcp://host:port"])
def test_an_address_that_is_none_is_refused_at_once(address: str, tmp_path: Path) -> None:
    settings = load_settings(
        environ={"TOURPAD_ENV": "test", "TOURPAD_HOME": str(tmp_path), "CLAMD_SOCKET": address}, folder=tmp_path
    )
    with pytest.raises(ConfigurationError, match="CLAMD_SOCKET"):
        open_scanner(settings)


def test_without_an_address_there_is_no_scanner(tmp_path: Path) -> None:
    settings = load_settings(environ={"TOURPAD_ENV": "test", "TOURPAD_HOME": str(tmp_path)}, folder=tmp_path)
    assert open_scanner(settings) is None


@pytest.mark.skipif(not shutil.which("clamd"), reason="clamd is not installed (apt install clamav-daemon)")
def test_clamd_itself_finds_the_test_virus(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "test.hdb").write_text(f"{md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Eicar-Test\n")
    path = tmp_path / "clamd.ctl"
    conf = tmp_path / "clamd.conf"
    conf.write_text(f"LocalSocket {path}\nDatabaseDirectory {tmp_path}\nForeground yes\nUser root\n")
    with subprocess.Popen(["clamd", "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 30
            while not path.exists() and time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.1)
            scanner = Clamd(str(path))
            assert scanner.version().startswith("ClamAV")
            assert scanner.scan(_file(tmp_path, EICAR)) == "Eicar-Test.UNOFFICIAL"
            assert scanner.scan(_file(tmp_path, b"nothing at all")) is None
        finally:
            process.terminate()
            process.wait(timeout=20)
