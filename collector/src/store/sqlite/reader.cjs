// Runs in a process of its own: a long question holds up nobody but the questions behind it, and can be ended.
const [, driver, file] = process.argv
const Database = require(driver)

const db = new Database(file)
db.pragma('query_only = ON')
db.pragma('busy_timeout = 5000')

process.on('message', ({ id, sql, parameters }) => {
  try {
    process.send({ id, rows: db.prepare(sql).all(parameters) })
  } catch (error) {
    process.send({ id, problem: error.message })
  }
})
process.on('disconnect', () => process.exit())
