/* Comfort for every page; without it nothing is missing. Rooms with more to do bring modules of their own. */

/* A button that copies the citation, put in here because without a script it would be a dead control. */
for (const box of document.querySelectorAll(".cite[data-copy]")) {
  if (!navigator.clipboard) break; // plain http on another host: one click still selects the text
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain small";
  button.textContent = box.dataset.copy;
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(box.querySelector("p").textContent.trim());
    said.textContent = box.dataset.copied;
  });
  const actions = document.createElement("div");
  actions.className = "actions";
  actions.append(button, said);
  box.append(actions);
}

/* Suggestions while somebody types; their script comes when a search box is first used. */
for (const form of document.querySelectorAll("form[data-suggest]")) {
  if (navigator.connection?.saveData) break;
  form.addEventListener("focusin", async () => (await import(form.dataset.script)).offer(form), { once: true });
}
