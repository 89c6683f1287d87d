// Runs in a worker thread: a long question holds up nobody but the questions behind it.
const { parentPort, workerData } = require('node:worker_threads')
const Database = require(workerData.driver)

const db = new Database(workerData.file)
db.pragma('query_only = ON')
db.pragma('busy_timeout = 5000')

parentPort.on('message', ({ id, sql, parameters }) => {
  try {
    parentPort.postMessage({ id, rows: db.prepare(sql).all(parameters) })
  } catch (error) {
    parentPort.postMessage({ id, problem: error.message })
  }
})
