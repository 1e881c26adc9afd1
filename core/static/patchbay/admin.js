// Patchbay's own behavior in the admin: copy buttons, and panels that ask the server.
// Everything is bound by data attributes, so that no page needs inline code.
"use strict";

(function () {
  async function copy(button) {
    const source = document.querySelector(button.dataset.copy);
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      // Without HTTPS browsers refuse the clipboard: mark the text so that Ctrl+C takes it.
      window.getSelection().selectAllChildren(source);
      button.textContent = "Press Ctrl+C";
    }
    window.setTimeout(() => { button.textContent = said; }, 2000);
  }

  // Sends the form the button belongs to and shows the answer, a piece of HTML made by the server.
  async function ask(button) {
    const form = document.getElementById(button.dataset.form);
    const target = document.querySelector(button.dataset.target);
    button.disabled = true;
    target.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(button.dataset.ask, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin",
        redirect: "error",
      });
      target.innerHTML = await response.text();
    } catch {
      target.textContent = "The server did not answer. Is your session still open?";
    } finally {
      button.disabled = false;
      target.removeAttribute("aria-busy");
    }
  }

  // Puts a definition's fields, as the server read them, into the form.
  async function fill(button) {
    const form = document.getElementById(button.dataset.form);
    const target = document.querySelector(button.dataset.target);
    const response = await fetch(button.dataset.fill, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-With": "fetch" },
      credentials: "same-origin",
      redirect: "error",
    });
    const answer = await response.json();
    target.textContent = answer.message;
    target.className = answer.fields ? "patchbay-good" : "patchbay-problem";
    for (const [name, value] of Object.entries(answer.fields || {})) {
      set(form.elements.namedItem(name), value);
    }
  }

  function set(field, value) {
    if (!field) return;
    if (field instanceof RadioNodeList) {
      for (const each of field) set(each, value.includes(each.value));
      return;
    }
    if (field.type === "checkbox") {
      field.checked = Boolean(value);
    } else {
      field.value = value;
    }
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  // Adds the chosen suggestion as a line of its own.
  function suggest(select) {
    const field = document.getElementById(select.dataset.suggests);
    const lines = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    if (select.value && !lines.includes(select.value)) lines.push(select.value);
    field.value = lines.join("\n");
    select.value = "";
  }

  // Adds an empty row to the table before the button: the last one again, with nothing in it.
  function addRow(button) {
    const rows = button.parentElement.querySelector("[data-rows]");
    const row = rows.lastElementChild.cloneNode(true);
    row.querySelectorAll(".patchbay-problem").forEach((problem) => problem.remove());
    empty(row);
    rows.append(row);
    row.querySelector("input").focus();
  }

  // Takes a row away; the last one stays, with nothing in it.
  function removeRow(button) {
    const row = button.closest("tr");
    if (row.parentElement.childElementCount > 1) row.remove();
    else empty(row);
  }

  function empty(row) {
    for (const field of row.querySelectorAll("input")) field.value = "";
    for (const field of row.querySelectorAll("select")) field.selectedIndex = 0;
  }

  // Puts in the place of what moves what the page says by now; shows the whole page at the end.
  async function refresh(moving) {
    const response = await fetch(window.location.href, { credentials: "same-origin" });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.getElementById(moving.id);
    if (!found || !found.dataset.refresh) {
      window.location.reload();
      return;
    }
    moving.replaceWith(found);
    watch(found);
  }

  function watch(moving) {
    const retry = () => watch(moving);
    const seconds = Number(moving.dataset.refresh);
    window.setTimeout(() => (document.hidden ? retry() : refresh(moving).catch(retry)), seconds * 1000);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-refresh]").forEach(watch);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest(
      "[data-copy], [data-ask], [data-fill], [data-row-add], [data-row-remove]",
    );
    if (!button) return;
    event.preventDefault();
    if (button.dataset.copy) copy(button);
    else if (button.dataset.ask) ask(button);
    else if (button.dataset.fill) fill(button);
    else if ("rowAdd" in button.dataset) addRow(button);
    else removeRow(button);
  });

  document.addEventListener("change", (event) => {
    if (event.target.dataset.suggests) suggest(event.target);
  });
})();
