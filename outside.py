"""What API and worker both reach outside, as the settings say: Meta's logins and the storage of files."""

import httpx

from instagram.login import InstagramLogin, PageLogin
from settings import Settings
from store.files import Files


def files(config: Settings) -> Files:
    """Where attachments lie. Raises FilesError, with what to do."""
    return Files(
        config.attachments_url,
        endpoint=config.attachments_endpoint,
        region=config.attachments_region,
        access_key=config.attachments_access_key.get_secret_value(),
        secret_key=config.attachments_secret_key.get_secret_value(),
    )


def page_login(http: httpx.AsyncClient, config: Settings) -> PageLogin | None:
    """Facebook Login; None where no app for it is set up."""
    if not config.page_app_id:
        return None
    return PageLogin(
        http,
        dialog_url=config.page_dialog_url,
        graph_url=config.page_graph_url,
        version=config.graph_version,
        app_id=config.page_app_id,
        app_secret=config.page_secret,
    )


def instagram_login(http: httpx.AsyncClient, config: Settings) -> InstagramLogin:
    """Instagram Login; without an app its tokens can be checked and renewed all the same."""
    return InstagramLogin(
        http,
        dialog_url=config.login_dialog_url,
        token_url=config.login_token_url,
        graph_url=config.login_graph_url,
        version=config.graph_version,
        app_id=config.login_app_id,
        app_secret=config.login_secret,
    )
