"""What is read out of a message: kind, code, link, life, recipients."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsink.messages import MessageKind, normalise_recipient
from mailsink.understanding import Understanding, find_code, find_life, find_link, find_link_in_html, understand


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Kode OTP Anda 123456, berlaku 5 menit.", "123456"),
        ("123456 adalah kode verifikasi Anda.", "123456"),
        ("123456 is your verification code", "123456"),
        ("Your code is: 123 456", "123456"),
        ("PIN: 4821", "4821"),
        ("Kode OTP\n\n    998877\n\nJangan berikan kepada siapa pun.", "998877"),
        ("OTP 12345678 untuk nomor 0812-3456-7890", "12345678"),
        ("Kode dikirim ke +62 840 0000 001: 654321", "654321"),
        ("Kode dikirim ke 0840000001 pada 23-11-2026 10:15: 654321", "654321"),
        ("Kode dikirim 23 November 2026, yaitu 654321", "654321"),
        ("Kode tahun 2026 Anda 7744", "7744"),
        ("Hubungi 1500910 bila Anda tidak meminta kode ini.", None),
        ("Saldo Rp 1234567 (kode pos 40115)", None),
        ("NIK 3171********9001, kode tidak diperlukan.", None),
        ("KPJ 99260000001 kode", None),
        ("Nomor antrean 1234, kode Anda 567890", "567890"),
        ("Kode OTP: 081234. Berlaku 5 menit.", "081234"),
        ("Kode OTP: 08123456. Berlaku 5 menit.", "08123456"),
        ("Kode OTP: 628123. Berlaku 5 menit.", "628123"),
        ("Buka pintu 123456", None),
        ("Kode Anda ABC123456", None),
        ("", None),
    ],
)
def test_code_is_found_beside_its_word_and_nothing_else_is_taken(text: str, code: str | None) -> None:
    assert find_code(text) == code


def test_code_without_its_word_counts_where_the_sender_says_that_it_is_one() -> None:
    assert find_code("Masukkan 123456 sekarang", certain=True) == "123456"
    assert find_code("Kode OTP: 2026. Berlaku 5 menit.", certain=True) == "2026"


@pytest.mark.parametrize(
    ("text", "life"),
    [
        ("berlaku 5 menit", timedelta(minutes=5)),
        ("valid for 5 minutes", timedelta(minutes=5)),
        ("berlaku selama 24 jam", timedelta(hours=24)),
        ("expires in 24 hours", timedelta(hours=24)),
        ("habis dalam 1 jam", timedelta(hours=1)),
        ("berlaku 90 detik", timedelta(seconds=90)),
        ("valid 2 days", timedelta(days=2)),
        ("berlaku 5 (lima) menit", timedelta(minutes=5)),
        ("a 30-minute code", timedelta(minutes=30)),
        ("Kirim ulang setelah 60 detik. Kode berlaku 5 menit.", timedelta(minutes=5)),
        ("24 jamaah", None),
        ("tidak ada", None),
    ],
)
def test_stated_life_is_read_in_both_languages(text: str, life: timedelta | None) -> None:
    assert find_life(text) == life


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Buka http://127.0.0.1:8400/activate?token=a.b-c.", "http://127.0.0.1:8400/activate?token=a.b-c"),
        ("(https://peserta.test/x?a=1&b=2)", "https://peserta.test/x?a=1&b=2"),
        ("Situs https://peserta.test/ lalu https://peserta.test/aktivasi/9", "https://peserta.test/aktivasi/9"),
        ("<https://peserta.test/a_(b)>", "https://peserta.test/a_(b)"),
        ("javascript:alert(1) ftp://x.test", None),
    ],
)
def test_first_acting_link_is_found(text: str, link: str | None) -> None:
    assert find_link(text) == link


def test_link_of_an_anchor_is_found_and_unescaped() -> None:
    html = '<a class="b" href="https://peserta.test/reset?token=a&amp;x=1">Atur</a>'

    assert find_link_in_html(html) == "https://peserta.test/reset?token=a&x=1"


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        (None, "Kode OTP Anda 123456.", MessageKind.OTP),
        ("Aktivasi akun", "Buka https://peserta.test/a?token=b", MessageKind.ACTIVATION),
        ("Activate your account", "Open https://peserta.test/a?token=b", MessageKind.ACTIVATION),
        ("Atur ulang kata sandi", "Buka https://peserta.test/a?token=b", MessageKind.PASSWORD_RESET),
        ("Konfirmasi perubahan e-mail", "Buka https://peserta.test/a?token=b", MessageKind.EMAIL_CHANGE),
        ("Klaim diterima", "Klaim JHT Anda sedang diperiksa.", MessageKind.CLAIM_NOTICE),
        ("Akun terkunci", "Coba lagi dalam 15 menit.", MessageKind.SECURITY_NOTICE),
        ("Halo", "Apa kabar?", MessageKind.OTHER),
    ],
)
def test_kind_is_guessed_from_the_words(subject: str | None, text: str, kind: MessageKind) -> None:
    assert understand(text, None, subject, {}).kind is kind


def test_stated_kind_wins_over_the_words_and_an_unknown_one_does_not() -> None:
    assert understand("Kode 123456", None, None, {"x-peserta-kind": "STEP-UP"}).kind is MessageKind.STEP_UP
    assert understand("Kode 123456", None, None, {"x-peserta-kind": "NONSENSE"}).kind is MessageKind.OTP


def test_life_without_code_or_link_is_not_an_expiry() -> None:
    assert understand("Coba lagi dalam 15 menit.", None, "Akun terkunci", {}).life is None


def test_html_alone_is_understood() -> None:
    html = "<style>p{width:123456px}</style><p>Kode OTP:</p><h1>654321</h1><p>Berlaku&nbsp;5&nbsp;menit</p>"

    assert understand("", html, None, {}) == Understanding(MessageKind.OTP, "654321", None, timedelta(minutes=5))


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("0840 000-001", "+62840000001"),
        ("840000001", "+62840000001"),
        ("62840000001", "+62840000001"),
        ("+62 (840) 000.001", "+62840000001"),
        ("0062840000001", "+62840000001"),
        ("+1 555 0100", "+15550100"),
        (" Siti@Peserta.Test ", "siti@peserta.test"),
    ],
)
def test_recipient_in_every_usual_spelling_is_one(written: str, key: str) -> None:
    assert normalise_recipient(written) == key


@given(st.text(), st.none() | st.text(), st.none() | st.text())
def test_any_text_is_understood_without_a_crash(text: str, html: str | None, subject: str | None) -> None:
    understand(text, html, subject, {})


@given(st.text(alphabet="0123456789 kodeOTP<>a=htps:/.-+@menit", max_size=500))
def test_text_made_of_our_own_words_is_understood_without_a_crash(text: str) -> None:
    read = understand(text, text, text, {})

    assert read.code is None or (read.code.isascii() and read.code.isdigit() and 4 <= len(read.code) <= 8)
