// Made from proto/ by scripts/typings.py: run `make proto`. All but optional fields are there.
declare namespace Ownhand {
  type FoundBy = "FOUND_BY_UNSPECIFIED" | "FOUND_BY_SETTINGS" | "FOUND_BY_SPECIAL_USE" | "FOUND_BY_XLIST" | "FOUND_BY_NAME";
  type JobState = "JOB_STATE_UNSPECIFIED" | "JOB_STATE_RUNNING" | "JOB_STATE_SUCCEEDED" | "JOB_STATE_FAILED" | "JOB_STATE_CANCELLED" | "JOB_STATE_INTERRUPTED";
  type NeverKind = "NEVER_KIND_UNSPECIFIED" | "NEVER_KIND_PERSON" | "NEVER_KIND_DOMAIN" | "NEVER_KIND_FOLDER";
  type OutcomeKind = "OUTCOME_KIND_UNSPECIFIED" | "OUTCOME_KIND_SENT" | "OUTCOME_KIND_DISCARDED";
  type RuleOrigin = "RULE_ORIGIN_UNSPECIFIED" | "RULE_ORIGIN_MEASURED" | "RULE_ORIGIN_INFERRED" | "RULE_ORIGIN_PERSON";
  type RuleVerdict = "RULE_VERDICT_UNSPECIFIED" | "RULE_VERDICT_ACCEPTED" | "RULE_VERDICT_REFUSED";
  type RulesSource = "RULES_SOURCE_UNSPECIFIED" | "RULES_SOURCE_AGENT" | "RULES_SOURCE_PROFILE" | "RULES_SOURCE_NONE";
  type ServerSecurity = "SERVER_SECURITY_UNSPECIFIED" | "SERVER_SECURITY_TLS" | "SERVER_SECURITY_STARTTLS" | "SERVER_SECURITY_PLAINTEXT_LOOPBACK";
  type Stage = "STAGE_UNSPECIFIED" | "STAGE_COLLECT" | "STAGE_DISTIL" | "STAGE_DRAFT" | "STAGE_INFER" | "STAGE_VERIFY" | "STAGE_COMPILE" | "STAGE_TRAIN" | "STAGE_PROMOTE";
  interface Account {
    name: string;
    address: string;
    source: string;
    n_originals: number;
    n_skipped: Record<string, number>;
    watching: boolean;
    collect_time?: string;
    problem: string;
    voice: string;
    addresses: string[];
    next_training?: NextTraining;
    paused: boolean;
  }
  interface AddAccountRequest {
    name: string;
    address: string;
    display_name: string;
    host: string;
    port: number;
    security: ServerSecurity;
    user: string;
    sent_folder: string;
    identities: NewIdentity[];
    voice: string;
    secret: string;
    tls_pin: string;
  }
  interface AddAccountResponse {
    account?: Account;
    sent_folder: string;
    n_messages: number;
  }
  interface AddNeverRequest {
    entry?: NeverEntry;
  }
  interface AddNeverResponse {
    entry?: NeverEntry;
    n_originals: number;
    n_agents: number;
  }
  interface Agent {
    id: string;
    account: string;
    create_time?: string;
    current: boolean;
    base_model: string;
    backend: string;
    rank: number;
    alpha: number;
    n_examples: number;
    training_set: string;
    valid_loss: number;
    precision: number;
    recall: number;
    reason: string;
    duration_s: number;
    memory_bytes: string;
    continued_from: string;
  }
  interface CancelJobRequest {
    job_id: string;
  }
  interface CancelJobResponse {
    job?: Job;
  }
  interface CheckAccountRequest {
    account: string;
  }
  interface CheckAccountResponse {
    server: string;
    capabilities: string[];
    sent_folder: string;
    n_messages: number;
    folders: string[];
    source: string;
    connection?: Connection;
    found_by: FoundBy;
    other_sent_folders: string[];
    pushes: boolean;
    poll_s: number;
    tells_deletions: boolean;
    sample?: Sample;
    n_usable: number;
    n_needed: number;
    n_learned: number;
    warnings: string[];
    usable: boolean;
    max_message_bytes: string;
    relay_running: boolean;
  }
  interface ComposeDraftRequest {
    account: string;
    to: Correspondent[];
    subject: string;
    notes: string;
    context: string;
    rules_only: boolean;
    zero_shot: boolean;
    without_rules: string[];
    with_rules: string[];
    reply: boolean;
    refine: string;
    previous: string;
  }
  interface ComposeDraftResponse {
    rules_proposed?: RulesProposed;
    text_delta?: TextDelta;
    draft_completed?: DraftCompleted;
  }
  interface Connection {
    tls: string;
    pinned: boolean;
    mechanism: string;
  }
  interface Correspondent {
    address: string;
    name: string;
  }
  interface DeleteAgentRequest {
    agent_id: string;
  }
  interface DeleteAgentResponse {
    [none: string]: never;
  }
  interface DeleteRuleRequest {
    rule_id: string;
  }
  interface DeleteRuleResponse {
    [none: string]: never;
  }
  interface DraftCompleted {
    draft_id: string;
    text: string;
    model: string;
    input_tokens: number;
    output_tokens: number;
    unmet: string[];
    sentences: DraftSentence[];
  }
  interface DraftSentence {
    text: string;
    rule_ids: string[];
    unsupported: boolean;
  }
  interface EgressEntry {
    time?: string;
    destination: string;
    template: string;
    input_tokens: string;
    output_tokens: string;
    cost_usd: number;
    n_bytes: string;
  }
  interface EraseDataRequest {
    token: string;
  }
  interface EraseDataResponse {
    token: string;
    erased: boolean;
  }
  interface ForgetRequest {
    account: string;
    message_id?: string;
    address?: string;
    missing?: boolean;
  }
  interface ForgetResponse {
    n_originals: number;
    n_agents: number;
  }
  interface GetAgentRequest {
    agent_id: string;
  }
  interface GetAgentResponse {
    agent?: Agent;
  }
  interface GetCorpusRequest {
    account: string;
  }
  interface GetCorpusResponse {
    n_originals: number;
    n_intents: number;
    n_zero_shot_drafts: number;
    n_rules: number;
    n_examples: number;
    n_skipped: Record<string, number>;
    n_by_language: Record<string, number>;
    n_by_recipient_kind: Record<string, number>;
  }
  interface GetJobRequest {
    job_id: string;
  }
  interface GetJobResponse {
    job?: Job;
  }
  interface GetStatusRequest {
    [none: string]: never;
  }
  interface GetStatusResponse {
    version: string;
    pid: number;
    start_time?: string;
    model: string;
    destination: string;
    backend: string;
    n_accounts: number;
    n_running_jobs: number;
    memory_bytes: string;
    data_folder: string;
    log_file: string;
  }
  interface Job {
    id: string;
    account: string;
    state: JobState;
    stages: StageProgress[];
    start_time?: string;
    end_time?: string;
    message: string;
    reason: string;
    asked_by: string;
    training: TrainingPoint[];
    agent_id: string;
  }
  interface ListAccountsRequest {
    [none: string]: never;
  }
  interface ListAccountsResponse {
    accounts: Account[];
  }
  interface ListAgentsRequest {
    account: string;
  }
  interface ListAgentsResponse {
    agents: Agent[];
  }
  interface ListEgressRequest {
    page_size: number;
  }
  interface ListEgressResponse {
    entries: EgressEntry[];
    input_tokens: string;
    output_tokens: string;
    cost_usd: number;
  }
  interface ListJobsRequest {
    account: string;
    page_size: number;
  }
  interface ListJobsResponse {
    jobs: Job[];
  }
  interface ListNeverRequest {
    [none: string]: never;
  }
  interface ListNeverResponse {
    entries: NeverEntry[];
  }
  interface ListOutcomesRequest {
    account: string;
  }
  interface ListOutcomesResponse {
    outcomes: Outcome[];
  }
  interface ListRulesRequest {
    account: string;
    recipient: string;
    include_refused: boolean;
    recipient_kind: string;
    language: string;
  }
  interface ListRulesResponse {
    rules: Rule[];
  }
  interface NeverEntry {
    kind: NeverKind;
    what: string;
  }
  interface NewIdentity {
    address: string;
    display_name: string;
    voice: string;
  }
  interface NextTraining {
    n_mails: number;
    not_before_time?: string;
    at_latest_time?: string;
    duration_s: number;
    memory_bytes: string;
  }
  interface Outcome {
    time?: string;
    kind: OutcomeKind;
    kept?: number;
    agent_id: string;
  }
  interface PlanLearningRequest {
    account: string;
    until: Stage;
  }
  interface PlanLearningResponse {
    stages: PlannedStage[];
    destination: string;
    consent_needed: boolean;
    samples: string[];
    n_missing: number;
    plan_id: string;
    price_unknown: boolean;
  }
  interface PlannedStage {
    stage: Stage;
    n_items: number;
    n_calls: number;
    input_tokens: string;
    output_tokens: string;
    cost_usd: number;
    duration_s: number;
    memory_bytes: string;
  }
  interface PreviewEgressRequest {
    account: string;
    notes: string;
    context: string;
  }
  interface PreviewEgressResponse {
    destination: string;
    text: string;
    consented: boolean;
  }
  interface PromoteAgentRequest {
    agent_id: string;
  }
  interface PromoteAgentResponse {
    agent?: Agent;
  }
  interface RecordOutcomeRequest {
    draft_id: string;
    kind: OutcomeKind;
    sent_text: string;
    message_id: string;
  }
  interface RecordOutcomeResponse {
    kept: number;
  }
  interface RecordSentRequest {
    message_id: string;
    text: string;
  }
  interface RecordSentResponse {
    [none: string]: never;
  }
  interface RemoveAccountRequest {
    account: string;
  }
  interface RemoveAccountResponse {
    problem: string;
  }
  interface RemoveNeverRequest {
    entry?: NeverEntry;
  }
  interface RemoveNeverResponse {
    [none: string]: never;
  }
  interface Rule {
    id: string;
    account: string;
    text: string;
    origin: RuleOrigin;
    verdict: RuleVerdict;
    refusal: string;
    support: number;
    against: number;
    scope: string;
    muted: boolean;
    supporting_ids: string[];
    contradicting_ids: string[];
    dimension: string;
    pinned: boolean;
    trend: number[];
  }
  interface RulesProposed {
    rules: Rule[];
    source: RulesSource;
    agent_id: string;
  }
  interface Sample {
    n_messages: number;
    n_usable: number;
    n_skipped: Record<string, number>;
    n_by_language: Record<string, number>;
    n_replies: number;
    first_time?: string;
    last_time?: string;
    other_addresses: Record<string, number>;
    n_other_addresses: number;
  }
  interface SaveDraftRequest {
    account: string;
    draft_id: string;
    text: string;
    to: Correspondent[];
    cc: Correspondent[];
    subject: string;
    message?: string;
    message_id?: string;
    reply_all: boolean;
    no_quote: boolean;
  }
  interface SaveDraftResponse {
    folder: string;
    message_id: string;
    uid: number;
    saved_before: boolean;
  }
  interface SetPolicyRequest {
    destination: string;
    consent: boolean;
    plan_id: string;
  }
  interface SetPolicyResponse {
    destination: string;
    consent: boolean;
  }
  interface StageProgress {
    stage: Stage;
    done: number;
    total: number;
    n_failed: number;
    left_s: number;
    memory_bytes: string;
  }
  interface StartLearningRequest {
    account: string;
    until: Stage;
  }
  interface StartLearningResponse {
    job?: Job;
  }
  interface TextDelta {
    text: string;
  }
  interface TrainingPoint {
    step: number;
    loss: number;
    valid_loss: number;
  }
  interface TryRuleRequest {
    rule_id: string;
    text: string;
  }
  interface TryRuleResponse {
    measurable: boolean;
    n_mails: number;
    n_holds: number;
    n_held_before: number;
    n_drafts: number;
    distance: number;
    distance_before: number;
  }
  interface UpdateAccountRequest {
    account: string;
    paused?: boolean;
  }
  interface UpdateAccountResponse {
    account?: Account;
  }
  interface UpdateRuleRequest {
    rule_id: string;
    muted?: boolean;
    text?: string;
    pinned?: boolean;
  }
  interface UpdateRuleResponse {
    rule?: Rule;
  }
  interface WatchJobRequest {
    job_id: string;
  }
  interface WatchJobResponse {
    job?: Job;
  }
  interface WatchJobsRequest {
    account: string;
    page_size: number;
  }
  interface WatchJobsResponse {
    jobs: Job[];
  }
  interface Methods {
    "AccountService/AddAccount": { request: AddAccountRequest; response: AddAccountResponse };
    "AccountService/CheckAccount": { request: CheckAccountRequest; response: CheckAccountResponse };
    "AccountService/ListAccounts": { request: ListAccountsRequest; response: ListAccountsResponse };
    "AccountService/RemoveAccount": { request: RemoveAccountRequest; response: RemoveAccountResponse };
    "AccountService/UpdateAccount": { request: UpdateAccountRequest; response: UpdateAccountResponse };
    "AgentService/DeleteAgent": { request: DeleteAgentRequest; response: DeleteAgentResponse };
    "AgentService/GetAgent": { request: GetAgentRequest; response: GetAgentResponse };
    "AgentService/ListAgents": { request: ListAgentsRequest; response: ListAgentsResponse };
    "AgentService/PromoteAgent": { request: PromoteAgentRequest; response: PromoteAgentResponse };
    "DaemonService/GetStatus": { request: GetStatusRequest; response: GetStatusResponse };
    "DraftService/ComposeDraft": { request: ComposeDraftRequest; response: ComposeDraftResponse };
    "DraftService/ListOutcomes": { request: ListOutcomesRequest; response: ListOutcomesResponse };
    "DraftService/RecordOutcome": { request: RecordOutcomeRequest; response: RecordOutcomeResponse };
    "DraftService/RecordSent": { request: RecordSentRequest; response: RecordSentResponse };
    "DraftService/SaveDraft": { request: SaveDraftRequest; response: SaveDraftResponse };
    "LearningService/CancelJob": { request: CancelJobRequest; response: CancelJobResponse };
    "LearningService/GetCorpus": { request: GetCorpusRequest; response: GetCorpusResponse };
    "LearningService/GetJob": { request: GetJobRequest; response: GetJobResponse };
    "LearningService/ListJobs": { request: ListJobsRequest; response: ListJobsResponse };
    "LearningService/PlanLearning": { request: PlanLearningRequest; response: PlanLearningResponse };
    "LearningService/StartLearning": { request: StartLearningRequest; response: StartLearningResponse };
    "LearningService/WatchJob": { request: WatchJobRequest; response: WatchJobResponse };
    "LearningService/WatchJobs": { request: WatchJobsRequest; response: WatchJobsResponse };
    "PrivacyService/AddNever": { request: AddNeverRequest; response: AddNeverResponse };
    "PrivacyService/EraseData": { request: EraseDataRequest; response: EraseDataResponse };
    "PrivacyService/Forget": { request: ForgetRequest; response: ForgetResponse };
    "PrivacyService/ListEgress": { request: ListEgressRequest; response: ListEgressResponse };
    "PrivacyService/ListNever": { request: ListNeverRequest; response: ListNeverResponse };
    "PrivacyService/PreviewEgress": { request: PreviewEgressRequest; response: PreviewEgressResponse };
    "PrivacyService/RemoveNever": { request: RemoveNeverRequest; response: RemoveNeverResponse };
    "PrivacyService/SetPolicy": { request: SetPolicyRequest; response: SetPolicyResponse };
    "RuleService/DeleteRule": { request: DeleteRuleRequest; response: DeleteRuleResponse };
    "RuleService/ListRules": { request: ListRulesRequest; response: ListRulesResponse };
    "RuleService/TryRule": { request: TryRuleRequest; response: TryRuleResponse };
    "RuleService/UpdateRule": { request: UpdateRuleRequest; response: UpdateRuleResponse };
  }
}
