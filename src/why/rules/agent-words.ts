import type { WordsRow } from "./words-row.ts";

/** What the hosted platform for agents says when it ends a conversation. */
export const agentWords: readonly WordsRow[] = [
  {
    cause: "llm_first_content_timeout",
    words:
      /LLM Cascade Error:?\s*TimeoutError|cascade[_ ]timeout(?:_seconds)?\b[^=:]{0,40}(?:exceeded|elapsed|expired)|first[- ]content timeout|first token timeout/i,
  },
  {
    cause: "llm_empty_answer",
    words:
      /Brain returned no response|empty (?:completion|response) from (?:the )?(?:custom )?LLM/i,
  },
  {
    cause: "llm_timeout",
    words: /Generating the LLM response took|LLM response took over|\bllm_timeout\b/i,
  },
  {
    cause: "custom_llm_failed",
    words:
      /custom_llm generation failed|custom_llm_error|custom LLM (?:request |generation )?failed|failed to generate response from custom llm|cascade_brain_error|LLM Cascade Error|\bllm_error\b/i,
  },
  {
    cause: "transport_receive_timeout",
    words: /transport_receive_timeout|no user input for (?<seconds>\d+) seconds/i,
  },
  {
    cause: "max_duration",
    words:
      /max_duration_exceeded|exceeded the maximum duration|maximum (?:conversation|call) duration|max_duration_seconds (?:reached|exceeded)/i,
  },
  {
    cause: "silence_end_call",
    words:
      /silence_end_call(?:_timeout)?\b(?!["']?\s*[:=]\s*-?\d)|(?:ended|ending|terminated)[^.]{0,40}(?:due to|because of|after)[^.]{0,30}silence|silence[^.]{0,30}(?:ended|ending) (?:the )?(?:call|conversation)/i,
  },
  {
    cause: "agent_hung_up",
    words:
      /end_call tool was called|tool_name["']?\s*[:=]\s*["']?end_call|agent (?:has )?ended the (?:call|conversation)|ended by (?:the )?agent/i,
  },
  {
    cause: "agent_hung_up",
    words: /["']?reason["']?\s*[:=]\s*["']agent["']/i,
    confidence: "likely",
  },
  {
    cause: "client_closed",
    words: /["']?reason["']?\s*[:=]\s*["']user["']|User ended conversation/i,
    confidence: "likely",
  },
  {
    cause: "turn_timeout",
    words:
      /user_turn_timeout|are you still there|turn[_ ]timeout (?:expired|elapsed|reached|exceeded)/i,
    confidence: "likely",
  },
  {
    cause: "tool_timeout",
    words:
      /response_timeout_secs\b(?!["']?\s*[=:])|tool (?:call |execution |request )?(?:['"]?\w+['"]? )?(?:has )?timed out|tool[^.]{0,40}timed? ?out|webhook (?:tool )?timed? ?out/i,
    confidence: "likely",
  },
  {
    cause: "missing_dynamic_variable",
    words: /missing_dynamic_variable|Missing required dynamic variables/i,
  },
  {
    cause: "override_not_allowed",
    words:
      /override_error|Override for field '?(?<field>[\w.]+)'? is not allowed|not allowed by config/i,
  },
  {
    cause: "client_tool_rejected",
    words: /client_tool_result[^]{0,120}Invalid message|invalid client[_ ]tool[_ ]result/i,
  },
  {
    cause: "invalid_client_message",
    words: /\binvalid_message\b|Invalid message received|\bmissing_fields\b|\bvalue_error\b/i,
  },
  {
    cause: "agent_not_found",
    words:
      /agent_not_found|(?:agent|AI agent)[^.]{0,60}(?:does not exist|not found)|could not find (?:the )?agent|not authorized to (?:access|use) (?:this )?agent|requires authorization/i,
  },
  {
    cause: "agent_concurrency",
    words:
      /too many concurrent (?:conversations|connections|calls)|queue_status[^]{0,60}timed_out|concurren\w+ (?:conversation|call)s? limit/i,
  },
  {
    cause: "agent_speech_failed",
    words:
      /tts_cascade_error|asr_transcription_error|TTS Cascade|vad_error|turn_probability_error|ASR (?:transcription )?(?:error|failed)/i,
  },
  {
    cause: "mcp_failed",
    words:
      /mcp_tool_error|mcp_https_error|MCP (?:server|tool)[^.]{0,60}(?:fail|error|unreachable|not connected|timed out)|mcp_connection_status[^]{0,120}is_connected["']?:\s*false/i,
  },
];
