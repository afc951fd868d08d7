"""Authorization servers of large mail providers, as data. The client id is always the person's own."""

from ownhand.daemon.mail.signin.oauth import Authority

_MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0"

AUTHORITIES = {
    "google": Authority(
        host="accounts.google.com",
        token_url="https://oauth2.googleapis.com/token",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        # Google gives no device codes for mail.
        scopes=("https://mail.google.com/",),
        # Without these it gives a refresh token at the first sign-in only.
        extra=(("access_type", "offline"), ("prompt", "consent")),
        note='make a client of the kind "Desktop app" in the Google Cloud console',
    ),
    "microsoft": Authority(
        host="login.microsoftonline.com",
        token_url=f"{_MICROSOFT}/token",
        authorize_url=f"{_MICROSOFT}/authorize",
        device_url=f"{_MICROSOFT}/devicecode",
        scopes=(
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ),
        redirect_host="localhost",  # as it is registered there
        note="register an application for mobile and desktop at Entra, with http://localhost to come back to",
    ),
}
