// A search whose results follow its form: htmx fetches them, this looks after what a fetch alone would leave undone.
// Without scripts the form is sent by its button.
"use strict";

for (const form of document.querySelectorAll("form[data-search]")) {
  const count = document.getElementById("count");
  form.addEventListener("htmx:beforeSwap", (event) => {
    // Whoever is signed out meanwhile is answered by another page: open it as one.
    const path = new URL(event.detail.xhr.responseURL).pathname;
    if (path !== new URL(form.action).pathname) {
      event.detail.shouldSwap = false;
      form.submit();
    }
  });
  form.addEventListener("htmx:sendError", () => { count.textContent = form.dataset.lost; });
  form.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 400) count.textContent = form.dataset.lost;
  });
}

// Where the device is, is asked only when its button is pressed, and kept to a thousandth of a degree, about 100 m.
for (const button of document.querySelectorAll("[data-locate]")) {
  const field = document.getElementById(button.dataset.locate);
  const said = button.parentNode.querySelector("[data-located]");
  if (!field || !navigator.geolocation || !window.isSecureContext) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    said.textContent = "";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field.value = `${coords.latitude.toFixed(3)}, ${coords.longitude.toFixed(3)}`;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      },
      () => { said.textContent = button.dataset.denied; },
      { maximumAge: 60000, timeout: 10000 },
    );
  });
}
