// Runs in a process of its own: a long question holds up nobody but the questions behind it, and can be ended.
const [, driver, file] = process.argv
const Database = require(driver)

const db = new Database(file)
db.pragma('query_only = ON')
db.pragma('busy_timeout = 5000')
db.pragma('mmap_size = 2147418112') // what the system keeps of the file anyway is read there, without a copy
db.pragma('cache_size = -65536') // KiB: what sorting may take before it goes to the disk

process.on('message', ({ id, sql, parameters }) => {
  try {
    process.send({ id, rows: db.prepare(sql).all(parameters) })
  } catch (error) {
    process.send({ id, problem: error.message })
  }
})
process.on('disconnect', () => process.exit())
