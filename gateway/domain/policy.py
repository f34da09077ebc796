"""The numbers that rule the sign-up and the sessions. None of them is published by the agency: all are assumptions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Lives, limits and cool-downs in seconds and counts.

    Source: assumed for the sandbox, each of them (domain notes 1.5 to 1.7 name no official figure); each can be
    changed by the setting of the same name in upper case behind `PESERTA_`.
    """

    otp_length: int = 6
    otp_ttl_s: int = 300
    otp_attempts: int = 5
    otp_resend_s: int = 60
    otp_sends_per_hour: int = 5
    otp_lock_s: int = 900
    flow_ttl_s: int = 1_800
    activation_ttl_s: int = 86_400
    activation_resend_s: int = 60
    email_corrections: int = 3
    mismatches_per_hour: int = 10
    reset_ttl_s: int = 3_600
    email_change_ttl_s: int = 86_400
    contact_cool_down_s: int = 86_400
    card_download_ttl_s: int = 300
    card_verification_ttl_s: int = 86_400
    document_download_ttl_s: int = 300
    sign_in_failures: int = 5
    sign_in_lock_s: int = 900
    password_min_length: int = 8
    password_max_length: int = 64
    password_min_score: int = 2
