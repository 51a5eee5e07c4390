import type { Account, Allowance, Key } from "../../protocol/accounts.ts";
import { ownerId } from "./dictionary-json.ts";

/** Without a quota the largest integer that every JSON reader keeps whole says so. */
const noLimit = Number.MAX_SAFE_INTEGER;

/** What `/v1/user` says of a subscription: whoever runs the server has all of it for nothing. */
function formatSubscription(allowance: Allowance): Readonly<Record<string, unknown>> {
  const { used, limit, resetsAtUnix } = allowance;
  return {
    tier: "self_hosted",
    character_count: used,
    character_limit: limit ?? noLimit,
    max_character_limit_extension: null,
    max_credit_limit_extension: limit === undefined ? "unlimited" : 0,
    can_extend_character_limit: false,
    allowed_to_extend_character_limit: false,
    next_character_count_reset_unix: resetsAtUnix ?? null,
    voice_slots_used: 0,
    professional_voice_slots_used: 0,
    professional_voice_slots_used_in_workspace: 0,
    voice_limit: 0,
    max_voice_add_edits: 0,
    voice_add_edit_counter: 0,
    professional_voice_limit: 0,
    can_extend_voice_limit: false,
    can_use_instant_voice_cloning: false,
    can_use_professional_voice_cloning: false,
    currency: null,
    current_overage: { amount: "0", currency: "usd" },
    status: "active",
    billing_period: null,
    character_refresh_period: null,
  };
}

export function formatSubscriptionWithInvoices(allowance: Allowance): unknown {
  return {
    ...formatSubscription(allowance),
    next_invoice: null,
    open_invoices: [],
    has_open_invoices: false,
    pending_change: null,
  };
}

/** Whoever has a key; where nobody needs one, since when there is this server. */
export function formatUser(
  allowance: Allowance,
  account: Pick<Account, "may">,
  key: Pick<Key, "createdAtUnix" | "secrets"> | undefined,
  startedAtUnix: number,
): unknown {
  return {
    user_id: ownerId,
    workspace_id: ownerId,
    subscription: formatSubscription(allowance),
    is_new_user: false,
    can_use_delayed_payment_methods: false,
    is_onboarding_completed: true,
    is_onboarding_checklist_completed: true,
    show_compliance_terms: false,
    first_name: null,
    is_api_key_hashed: true,
    // The key of the settings has neither a preview nor a time.
    xi_api_key_preview: key?.secrets[0]?.preview || null,
    referral_link_code: null,
    partnerstack_partner_default_link: null,
    created_at: key?.createdAtUnix || startedAtUnix,
    seat_type: account.may("admin") ? "workspace_admin" : "workspace_member",
  };
}
