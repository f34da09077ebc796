"""Identity numbers and contacts: how they are typed, stored and masked."""

import re
from datetime import date, datetime

from email_validator import EmailNotValidError, validate_email

_SEPARATORS = re.compile(r"[\s.\-/()]")
_DIALLED = re.compile(r"\+?[0-9]{6,20}")
_SANDBOX_PHONE = re.compile(r"\+62840[0-9]{5,9}")


def _compact(typed: str) -> str:
    return _SEPARATORS.sub("", typed.strip())


def normalise_kpj(typed: str) -> str | None:
    """The 11 digits of a KPJ without spaces, dots and dashes; None if it is not one.

    Source: domain notes 1.2 (11 digits, no published check digit).
    """
    digits = _compact(typed)
    return digits if re.fullmatch(r"[0-9]{11}", digits) else None


def normalise_nik(typed: str) -> str | None:
    """The 16 digits of a NIK; None if it is not one. Areas are not checked: the registry knows who exists.

    Source: domain notes 1.1 (16 digits, no check digit, area and birth digits are only a soft check).
    """
    digits = _compact(typed)
    return digits if re.fullmatch(r"[0-9]{16}", digits) else None


def parse_birth_date(typed: str, today: date) -> date | None:
    """A birth date typed as 1988-03-14, 14-03-1988 or 14/03/1988; None if it is none, to come or before 1900."""
    text = typed.strip().replace("/", "-")
    for shape in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            born = datetime.strptime(text, shape).date()  # noqa: DTZ007 - a birth date has no zone
        except ValueError:
            continue
        return born if date(1900, 1, 1) <= born <= today else None
    return None


def normalise_phone(typed: str) -> str | None:
    """An Indonesian mobile number as E.164; None if it is not one.

    `+62840…` is unassigned in Indonesia and accepted here on purpose: it is the range of the fictitious people.
    Source: domain notes 1.3 (libphonenumber's national data).
    """
    digits = _compact(typed)
    # The library would also take letters on keys (0812-CALL-NOW), an extension or a `tel:` address.
    if not _DIALLED.fullmatch(digits):
        return None
    if digits.startswith("62"):
        digits = "+" + digits
    elif digits.startswith("8"):
        digits = "0" + digits
    if digits.startswith("0840"):
        digits = "+62" + digits[1:]
    if _SANDBOX_PHONE.fullmatch(digits):
        return digits
    # The tables of all the world's numbers cost every start 20 ms and 2 MB; fictitious people never need them.
    import phonenumbers

    try:
        number = phonenumbers.parse(digits, "ID")
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.number_type(number)
    mobile = kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if number.country_code != 62 or not mobile or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_email(typed: str) -> str | None:
    """An e-mail address in lower case; None if it is none. Whether it can be delivered is not asked."""
    try:
        address = validate_email(typed.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return address.normalized.lower()


def mask_nik(nik: str) -> str:
    """First and last four digits: 3171********9001. Source: domain notes 7 (assumed)."""
    return f"{nik[:4]}********{nik[-4:]}"


def mask_kpj(kpj: str) -> str:
    """Last four digits: *******0001. Source: domain notes 7 (assumed)."""
    return "*" * (len(kpj) - 4) + kpj[-4:]


def mask_phone(phone: str) -> str:
    """Country, prefix and last three digits: +62840*****001. Source: domain notes 7 (assumed)."""
    return f"{phone[:6]}{'*' * max(len(phone) - 9, 1)}{phone[-3:]}"


def mask_email(email: str) -> str:
    """First letter and domain: b***@peserta.test. Source: domain notes 7 (assumed)."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"
