// What the pages gain with a script; without it everything works but for these comforts:
// a citation is copied instead of opened, "/" leads to the question box, and this browser remembers what was asked.
"use strict";

const MAX_RECENT = 8;

// Storage may be switched off in the browser; then nothing is remembered.
function stored(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: see above.
  }
}

function say(words) {
  document.getElementById("said").textContent = words;
}

// Copying needs a secure context (https or this machine); elsewhere the links stay what they are.
function copyInsteadOfOpening() {
  if (!navigator.clipboard) return;
  for (const link of document.querySelectorAll("a[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "as-link";
    button.textContent = link.dataset.copy;
    button.setAttribute("aria-label", `Copy as ${link.dataset.copy}`);
    button.addEventListener("click", () => copy(link.href, button, link.dataset.copy));
    link.replaceWith(button);
  }
  for (const label of document.querySelectorAll(".copy > span")) label.textContent = "Copy as";
}

async function copy(url, button, label) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(response.statusText);
    await navigator.clipboard.writeText(await response.text());
  } catch {
    location.assign(url); // what cannot be copied can be opened
    return;
  }
  say(`Copied as ${label}`);
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 2000);
}

function isTyping(element) {
  return element.matches("input:not([type=checkbox]), textarea, select") || element.isContentEditable;
}

function leadToTheBox() {
  const box = document.getElementById("question");
  const slash = document.getElementById("slash");
  slash.checked = stored("slash", true);
  slash.addEventListener("change", () => store("slash", slash.checked));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!box || !slash.checked || isTyping(event.target)) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

function rememberQuestions() {
  const remember = document.getElementById("remember");
  const asked = new URLSearchParams(location.search).get("question")?.trim();
  remember.checked = stored("remember", true);
  if (remember.checked && asked && document.querySelector(".answer, .none")) {
    const others = recent().filter((question) => question !== asked);
    store("recent", [asked, ...others].slice(0, MAX_RECENT));
  }
  remember.addEventListener("change", () => {
    store("remember", remember.checked);
    if (!remember.checked) forget();
  });
  document.getElementById("forget").addEventListener("click", () => {
    forget();
    say("Forgotten");
  });
  showRecent();
}

function recent() {
  const questions = stored("recent", []);
  return Array.isArray(questions) ? questions.filter((question) => typeof question === "string") : [];
}

function forget() {
  store("recent", []);
  showRecent();
}

function showRecent() {
  const section = document.getElementById("recent");
  if (!section) return;
  const questions = recent();
  section.hidden = questions.length === 0;
  section.querySelector("ul").replaceChildren(
    ...questions.map((question) => {
      const item = document.createElement("li");
      const link = item.appendChild(document.createElement("a"));
      link.href = `/?${new URLSearchParams({ question })}`;
      link.appendChild(document.createElement("bdi")).textContent = question;
      return item;
    }),
  );
}

// A link to a passage's terms opens them.
function openWhatIsLinkedTo() {
  const details = document.querySelector(".cuts li:target > details");
  if (details) details.open = true;
}

document.getElementById("habits").hidden = false;
copyInsteadOfOpening();
leadToTheBox();
rememberQuestions();
openWhatIsLinkedTo();
addEventListener("hashchange", openWhatIsLinkedTo);
