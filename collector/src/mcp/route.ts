import { createMcpHandler } from '@modelcontextprotocol/server'
import { createMcpServer, type McpSource } from './server.ts'

/** Answers one request; nothing is remembered between two. */
export const createMcp =
  (source: McpSource) =>
  (request: Request): Promise<Response> =>
    createMcpHandler(() => createMcpServer(source)).fetch(request)
