"""What a person does on the pages, in their words."""

from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.staff import PASSWORD

PATIENCE_SECONDS = 60
LEVELS_OF_FAULTS = {"WARNING", "SEVERE"}


class Pages:
    """One browser in front of one server. Remembers every fault the console tells of."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        self.url = url
        browser.delete_all_cookies()
        browser.get_log("browser")  # type: ignore[no-untyped-call]  # forget what was before

    def open(self, path: str) -> None:
        self.browser.get(self.url + path)

    def sign_in(self, name: str) -> None:
        self.open("/admin/login/")
        self.type("username", name)
        self.type("password", PASSWORD)
        self.browser.find_element(By.CSS_SELECTOR, "#login-form button").click()
        self.wait_for_text("Dashboard")

    def type(self, name: str, text: str) -> None:
        field = self.browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(text)

    def value(self, name: str) -> str:
        return self.browser.find_element(By.NAME, name).get_attribute("value") or ""

    def click(self, css: str) -> None:
        """Press what ``css`` finds, wherever on the page it is."""
        button = self.find(css)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()

    def find(self, css: str) -> WebElement:
        return self._wait().until(lambda browser: browser.find_element(By.CSS_SELECTOR, css))

    def text(self) -> str:
        return self.browser.find_element(By.TAG_NAME, "body").text

    def wait_for_text(self, words: str) -> None:
        """Return once the page says ``words``; fail when it never does."""
        self._wait().until(
            lambda browser: words in browser.find_element(By.TAG_NAME, "body").text,
            f"the page never said {words!r}",
        )

    def wait_for_address(self, words: str) -> str:
        """Return the address of the page once it holds ``words``; fail when it never does."""
        self._wait().until(
            lambda browser: words in browser.current_url, f"no page's address held {words!r}"
        )
        return self.browser.current_url

    def run(self, script: str) -> Any:
        """Return what ``script`` returns, once that is anything; fail when it never is."""
        return self._wait().until(lambda browser: browser.execute_script(script))

    def _wait(self) -> WebDriverWait[Chrome]:
        """Wait over the moment in which one page gives way to the next.

        The driver has many names for it, from an element that is not there to unknown errors.
        """
        passing = (WebDriverException,)
        return WebDriverWait(self.browser, PATIENCE_SECONDS, ignored_exceptions=passing)

    def faults(self) -> list[str]:
        """Return what the console complained about, such as violations of the policy."""
        lines = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        return [line["message"] for line in lines if line["level"] in LEVELS_OF_FAULTS]
