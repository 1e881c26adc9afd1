"""The schemes by which senders prove where a webhook comes from: one file for each kind of sender.

Pure: bytes and text in, a proof or a refusal out. ``scheme`` says what a scheme is; ``plain_hmac``,
``timed_hmac`` and ``handshakes`` are what several have in common.
"""

from webhooks.inbound.schemes.bitbucket import Bitbucket
from webhooks.inbound.schemes.discord import Discord
from webhooks.inbound.schemes.dropbox import Dropbox
from webhooks.inbound.schemes.generic import Hmac
from webhooks.inbound.schemes.gitea import Gitea
from webhooks.inbound.schemes.github import GitHub
from webhooks.inbound.schemes.mailchimp import Mailchimp
from webhooks.inbound.schemes.meta import Meta
from webhooks.inbound.schemes.microsoft_graph import MicrosoftGraph
from webhooks.inbound.schemes.plain import Basic, Bearer, GitLabToken, SecretHeader
from webhooks.inbound.schemes.scheme import Scheme
from webhooks.inbound.schemes.sendgrid import SendGrid
from webhooks.inbound.schemes.shopify import Shopify
from webhooks.inbound.schemes.slack import Slack
from webhooks.inbound.schemes.standard_webhooks import GitLab, StandardWebhooks, Svix
from webhooks.inbound.schemes.stripe import Stripe
from webhooks.inbound.schemes.twilio import Twilio

# By name, and the ones for any sender at the end.
_ALL: tuple[type[Scheme], ...] = (
    Bitbucket,
    Discord,
    Dropbox,
    Gitea,
    GitHub,
    GitLabToken,
    GitLab,
    Mailchimp,
    Meta,
    MicrosoftGraph,
    SendGrid,
    Shopify,
    Slack,
    Stripe,
    Svix,
    Twilio,
    StandardWebhooks,
    Hmac,
    SecretHeader,
    Bearer,
    Basic,
)

SCHEMES: dict[str, Scheme] = {scheme.name: scheme() for scheme in _ALL}
"""Every scheme by its name, which endpoints and connectors know it by."""
