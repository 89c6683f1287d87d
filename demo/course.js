/** A single-page part in its smallest form: one document, four lessons, the address says which (`?lesson=2`). */
const lessons = [...document.querySelectorAll('[data-lesson]')]
const links = [...document.querySelectorAll('.lessons a')]
const siteTitle = document.title

function lessonIn(search) {
  const wanted = new URLSearchParams(search).get('lesson')
  return lessons.find((lesson) => lesson.dataset.lesson === wanted) ?? lessons[0]
}

function show(lesson) {
  for (const other of lessons) other.hidden = other !== lesson
  for (const link of links) {
    if (lessonIn(link.search) === lesson) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  document.title = `${lesson.querySelector('h2').textContent} – ${siteTitle}`
}

function go(event) {
  const link = event.target.closest('a[href^="?lesson="]')
  const newTab = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
  if (!link || newTab) return
  event.preventDefault()
  const lesson = lessonIn(link.search)
  if (lesson === lessonIn(location.search)) return
  history.pushState(null, '', link.search)
  show(lesson)
  lesson.querySelector('h2').focus({ preventScroll: true })
  scrollTo(0, 0)
}

document.addEventListener('click', go)
addEventListener('popstate', () => show(lessonIn(location.search)))
show(lessonIn(location.search))
