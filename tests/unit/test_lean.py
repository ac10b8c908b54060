import subprocess
import sys

KNOWN = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of "abc", by FIPS 180-2


def _prints(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_hashes_are_right_without_openssl_and_it_can_be_had_later() -> None:
    code = (
        "import sys\n"
        "from l2tui.lean import without_encryption\n"
        "with without_encryption():\n"
        "    import asyncio, hashlib\n"
        "assert not {'ssl', '_ssl', '_hashlib'} & set(sys.modules)\n"
        "print(hashlib.sha256(b'abc').hexdigest())\n"
        "import ssl\n"
        "assert ssl.OPENSSL_VERSION\n"
    )
    assert _prints(code) == KNOWN


def test_what_is_there_already_stays() -> None:
    code = (
        "import ssl, sys\n"
        "from l2tui.lean import without_encryption\n"
        "with without_encryption():\n"
        "    assert sys.modules['ssl'] is ssl\n"
        "print(sys.modules['ssl'] is ssl)\n"
    )
    assert _prints(code) == "True"
