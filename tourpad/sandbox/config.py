"""What a sandbox of one's own machine uses when nobody configured anything.

None of it opens any real account.
"""

SECRET_KEY = "sk_test_tourpad_sandbox"  # noqa: S105 - a published key of a local stand-in
PUBLISHABLE_KEY = "pk_test_tourpad_sandbox"
WEBHOOK_SECRET = "whsec_tourpad_sandbox_platform"  # noqa: S105 - as above
CONNECT_WEBHOOK_SECRET = "whsec_tourpad_sandbox_connect"  # noqa: S105 - as above

PLATFORM_ACCOUNT = "acct_1TourPadSandbox0"
PLATFORM_BANK_ACCOUNT = "ba_1TourPadSandboxBank000000"
PORTAL_CONFIGURATION = "bpc_1TourPadSandboxPortal000"

CURRENCY = "usd"
COUNTRY = "US"
CHARGE_FEE_PER_MILLE = 29
CHARGE_FEE_FIXED = 30
DISPUTE_FEE = 1500
MINIMUM_CHARGE = 50
MAXIMUM_CHARGE = 99_999_999
