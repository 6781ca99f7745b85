// Behind the link that is good once: keeps the page's secret for this origin, and goes on to the page.

localStorage.setItem("gallery-secret", document.querySelector('meta[name="gallery-secret"]').content);
location.replace("/");
