// Shows only the checks that have the text and the status, and opens the one that a link names.
"use strict";
const form = document.querySelector(".filter");
const text = document.getElementById("text");
const state = document.getElementById("status");
const checks = Array.from(document.querySelectorAll(".check"));
const words = checks.map((check) => check.textContent.toLowerCase());
function filter() {
  const wanted = text.value.trim().toLowerCase();
  let shown = 0;
  checks.forEach((check, at) => {
    const has = state.value === "" || check.dataset.ends.split(" ").includes(state.value);
    check.hidden = !(has && words[at].includes(wanted));
    shown += check.hidden ? 0 : 1;
  });
  document.getElementById("shown").textContent = shown + " of " + checks.length;
}
function follow() {
  const check = document.getElementById(location.hash.slice(1));
  if (check && check.classList.contains("check")) {
    check.hidden = false;
    check.open = true;
    check.scrollIntoView();
  }
}
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", follow);
filter();
follow();
