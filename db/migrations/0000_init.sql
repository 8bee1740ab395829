CREATE SCHEMA "control_plane";
--> statement-breakpoint
CREATE SCHEMA "shared";
--> statement-breakpoint
CREATE SCHEMA "sre_assistant";
--> statement-breakpoint
CREATE TABLE "control_plane"."approvals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"script_version_id" uuid NOT NULL,
	"collector_id" uuid NOT NULL,
	"incident_id" uuid,
	"parameters" jsonb NOT NULL,
	"targets" jsonb NOT NULL,
	"binding_hash" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"dry_run" boolean DEFAULT false NOT NULL,
	"initiated_by" text NOT NULL,
	"requested_by" uuid,
	"decided_by" uuid,
	"decided_at" timestamp with time zone,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "control_plane"."collector_configs" (
	"collector_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"yaml" text NOT NULL,
	"state" text DEFAULT 'pushed' NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "collector_configs_collector_id_version_pk" PRIMARY KEY("collector_id","version")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."collector_streams" (
	"collector_id" uuid NOT NULL,
	"outbox_epoch" text NOT NULL,
	"acked_seq" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "collector_streams_collector_id_outbox_epoch_pk" PRIMARY KEY("collector_id","outbox_epoch")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."collectors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"site_id" uuid NOT NULL,
	"name" text NOT NULL,
	"version" text DEFAULT '' NOT NULL,
	"status" text DEFAULT 'disconnected' NOT NULL,
	"certificate_serial" text NOT NULL,
	"previous_certificate_serial" text,
	"certificate_not_after" timestamp with time zone NOT NULL,
	"enrolled_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone,
	"clock_offset_ms" bigint,
	"samples_pending" bigint,
	"events_pending" bigint,
	"allowed_scripts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"config_version" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "collectors_site_id_name_unique" UNIQUE("site_id","name")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."device_groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "device_groups_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."devices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"site_id" uuid NOT NULL,
	"collector_id" uuid,
	"device_group_id" uuid,
	"name" text NOT NULL,
	"ip_address" "inet" NOT NULL,
	"role" text DEFAULT '' NOT NULL,
	"sys_name" text DEFAULT '' NOT NULL,
	"sys_descr" text DEFAULT '' NOT NULL,
	"sys_object_id" text DEFAULT '' NOT NULL,
	"vendor" text DEFAULT '' NOT NULL,
	"model" text DEFAULT '' NOT NULL,
	"os_version" text DEFAULT '' NOT NULL,
	"serial" text DEFAULT '' NOT NULL,
	"state" text DEFAULT 'unknown' NOT NULL,
	"state_since" timestamp with time zone,
	"last_polled_at" timestamp with time zone,
	"configured" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "devices_site_id_name_unique" UNIQUE("site_id","name")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."enrollment_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"site_id" uuid NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"used_by_collector_id" uuid,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "control_plane"."interfaces" (
	"id" uuid PRIMARY KEY NOT NULL,
	"device_id" uuid NOT NULL,
	"if_index" integer NOT NULL,
	"name" text NOT NULL,
	"alias" text DEFAULT '' NOT NULL,
	"type" integer DEFAULT 0 NOT NULL,
	"mac" text DEFAULT '' NOT NULL,
	"speed_bps" bigint DEFAULT 0 NOT NULL,
	"admin_status" integer DEFAULT 4 NOT NULL,
	"oper_status" integer DEFAULT 4 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "interfaces_device_id_name_unique" UNIQUE("device_id","name")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"site_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"local_port" text NOT NULL,
	"remote_device_id" uuid,
	"remote_system" text NOT NULL,
	"remote_port" text NOT NULL,
	"protocol" text NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "links_device_id_local_port_remote_system_remote_port_unique" UNIQUE("device_id","local_port","remote_system","remote_port")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."script_executions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"approval_id" uuid NOT NULL,
	"collector_id" uuid NOT NULL,
	"incident_id" uuid,
	"status" text DEFAULT 'queued' NOT NULL,
	"signed_order" "bytea" NOT NULL,
	"exit_code" integer,
	"reason_code" text DEFAULT '' NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"truncated" boolean DEFAULT false NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"duration_ms" integer
);
--> statement-breakpoint
CREATE TABLE "control_plane"."script_output" (
	"execution_id" uuid NOT NULL,
	"index" integer NOT NULL,
	"stream" text NOT NULL,
	"chunk" "bytea" NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "script_output_execution_id_index_pk" PRIMARY KEY("execution_id","index")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."script_versions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"script_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"argv" jsonb NOT NULL,
	"body" text DEFAULT '' NOT NULL,
	"parameter_schema" jsonb NOT NULL,
	"timeout_ms" integer DEFAULT 30000 NOT NULL,
	"output_bytes_max" integer DEFAULT 262144 NOT NULL,
	"sha256" text NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "script_versions_script_id_version_unique" UNIQUE("script_id","version")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."scripts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"latest_version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "scripts_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."sites" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"title" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sites_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."collector_site_configs" (
	"collector_id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"yaml" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "control_plane"."device_proposals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"site_id" uuid NOT NULL,
	"collector_id" uuid NOT NULL,
	"scan_id" uuid NOT NULL,
	"identity" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"address" "inet" NOT NULL,
	"port" integer NOT NULL,
	"credential" text NOT NULL,
	"facts" jsonb NOT NULL,
	"device_name" text DEFAULT '' NOT NULL,
	"config_version" integer,
	"decided_by" uuid,
	"decided_at" timestamp with time zone,
	"reason" text DEFAULT '' NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "device_proposals_collector_id_identity_unique" UNIQUE("collector_id","identity")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."discovery_links" (
	"scan_id" uuid NOT NULL,
	"part" integer NOT NULL,
	"number" integer NOT NULL,
	"a_identity" text NOT NULL,
	"a_system" text NOT NULL,
	"a_port" text NOT NULL,
	"b_identity" text NOT NULL,
	"b_system" text NOT NULL,
	"b_port" text NOT NULL,
	"confidence" text NOT NULL,
	"protocols" jsonb NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "discovery_links_scan_id_part_number_pk" PRIMARY KEY("scan_id","part","number")
);
--> statement-breakpoint
CREATE TABLE "control_plane"."discovery_scans" (
	"id" uuid PRIMARY KEY NOT NULL,
	"site_id" uuid NOT NULL,
	"collector_id" uuid NOT NULL,
	"ranges" jsonb NOT NULL,
	"status" text DEFAULT 'requested' NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"addresses_total" integer DEFAULT 0 NOT NULL,
	"addresses_done" integer DEFAULT 0 NOT NULL,
	"devices_found" integer DEFAULT 0 NOT NULL,
	"packets_sent" bigint DEFAULT 0 NOT NULL,
	"requested_by" uuid,
	"cancel_asked_at" timestamp with time zone,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "shared"."api_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_tokens_secret_hash_unique" UNIQUE("secret_hash")
);
--> statement-breakpoint
CREATE TABLE "shared"."audit_log" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"user_id" uuid,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"entity" text NOT NULL,
	"entity_id" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shared"."bus" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"topic" text NOT NULL,
	"key" text NOT NULL,
	"payload" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shared"."events" (
	"id" uuid NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"observed_at" timestamp with time zone NOT NULL,
	"site_id" uuid,
	"collector_id" uuid,
	"outbox_epoch" text DEFAULT '' NOT NULL,
	"seq" bigint,
	"device_id" uuid,
	"device" text DEFAULT '' NOT NULL,
	"object" text DEFAULT '' NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"severity" text NOT NULL,
	"fingerprint" text NOT NULL,
	"summary" text NOT NULL,
	"attributes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"verdict" jsonb,
	CONSTRAINT "events_received_at_id_pk" PRIMARY KEY("received_at","id")
) PARTITION BY RANGE ("received_at");
--> statement-breakpoint
CREATE TABLE "shared"."events_default" PARTITION OF "shared"."events" DEFAULT;
--> statement-breakpoint
CREATE TABLE "shared"."incident_events" (
	"incident_id" uuid NOT NULL,
	"fingerprint" text NOT NULL,
	"event_id" uuid NOT NULL,
	"device_id" uuid,
	"device" text DEFAULT '' NOT NULL,
	"object" text DEFAULT '' NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"severity" text NOT NULL,
	"summary" text NOT NULL,
	"explained_by" text DEFAULT '' NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"first_observed_at" timestamp with time zone NOT NULL,
	"last_observed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "incident_events_incident_id_fingerprint_pk" PRIMARY KEY("incident_id","fingerprint")
);
--> statement-breakpoint
CREATE TABLE "shared"."incident_timeline" (
	"id" uuid PRIMARY KEY NOT NULL,
	"incident_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"text" text NOT NULL,
	"user_id" uuid,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shared"."incidents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" bigserial NOT NULL,
	"site_id" uuid,
	"device_id" uuid,
	"alert_name" text NOT NULL,
	"severity" text NOT NULL,
	"priority" text NOT NULL,
	"status" text DEFAULT 'new' NOT NULL,
	"fingerprint" text NOT NULL,
	"event_count" integer DEFAULT 0 NOT NULL,
	"open_count" integer DEFAULT 0 NOT NULL,
	"device_count" integer DEFAULT 0 NOT NULL,
	"merged_into" uuid,
	"ai_analysis" jsonb,
	"recommended_actions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"assigned_to" uuid,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_event_at" timestamp with time zone DEFAULT now() NOT NULL,
	"acknowledged_at" timestamp with time zone,
	"silenced_until" timestamp with time zone,
	"resolved_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "incidents_number_unique" UNIQUE("number")
);
--> statement-breakpoint
CREATE TABLE "shared"."sign_in_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sign_in_links_secret_hash_unique" UNIQUE("secret_hash")
);
--> statement-breakpoint
CREATE TABLE "shared"."user_sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "user_sessions_secret_hash_unique" UNIQUE("secret_hash")
);
--> statement-breakpoint
CREATE TABLE "shared"."users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "sre_assistant"."diagnosis_history" (
	"id" uuid PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"incident_id" uuid,
	"diagnosis" jsonb NOT NULL,
	"source" text NOT NULL,
	"model" text,
	"prompt_hash" text,
	"confidence" real NOT NULL,
	"duration_ms" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sre_assistant"."evidence" (
	"id" uuid PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"incident_id" uuid,
	"tool" text NOT NULL,
	"title" text NOT NULL,
	"query" text NOT NULL,
	"query_arguments" jsonb NOT NULL,
	"finding" text NOT NULL,
	"result" jsonb NOT NULL,
	"severity" text DEFAULT 'info' NOT NULL,
	"collected_at" timestamp with time zone DEFAULT now() NOT NULL,
	"duration_ms" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sre_assistant"."sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"incident_id" uuid,
	"origin" text NOT NULL,
	"status" text DEFAULT 'running' NOT NULL,
	"question" text DEFAULT '' NOT NULL,
	"error" text DEFAULT '' NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "control_plane"."approvals" ADD CONSTRAINT "approvals_script_version_id_script_versions_id_fk" FOREIGN KEY ("script_version_id") REFERENCES "control_plane"."script_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."approvals" ADD CONSTRAINT "approvals_collector_id_collectors_id_fk" FOREIGN KEY ("collector_id") REFERENCES "control_plane"."collectors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."collector_configs" ADD CONSTRAINT "collector_configs_collector_id_collectors_id_fk" FOREIGN KEY ("collector_id") REFERENCES "control_plane"."collectors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."collector_streams" ADD CONSTRAINT "collector_streams_collector_id_collectors_id_fk" FOREIGN KEY ("collector_id") REFERENCES "control_plane"."collectors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."collectors" ADD CONSTRAINT "collectors_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "control_plane"."sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."devices" ADD CONSTRAINT "devices_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "control_plane"."sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."devices" ADD CONSTRAINT "devices_collector_id_collectors_id_fk" FOREIGN KEY ("collector_id") REFERENCES "control_plane"."collectors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."devices" ADD CONSTRAINT "devices_device_group_id_device_groups_id_fk" FOREIGN KEY ("device_group_id") REFERENCES "control_plane"."device_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."enrollment_tokens" ADD CONSTRAINT "enrollment_tokens_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "control_plane"."sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."enrollment_tokens" ADD CONSTRAINT "enrollment_tokens_used_by_collector_id_collectors_id_fk" FOREIGN KEY ("used_by_collector_id") REFERENCES "control_plane"."collectors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."interfaces" ADD CONSTRAINT "interfaces_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "control_plane"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."links" ADD CONSTRAINT "links_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "control_plane"."sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."links" ADD CONSTRAINT "links_device_id_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "control_plane"."devices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."links" ADD CONSTRAINT "links_remote_device_id_devices_id_fk" FOREIGN KEY ("remote_device_id") REFERENCES "control_plane"."devices"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."script_executions" ADD CONSTRAINT "script_executions_approval_id_approvals_id_fk" FOREIGN KEY ("approval_id") REFERENCES "control_plane"."approvals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."script_executions" ADD CONSTRAINT "script_executions_collector_id_collectors_id_fk" FOREIGN KEY ("collector_id") REFERENCES "control_plane"."collectors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."script_output" ADD CONSTRAINT "script_output_execution_id_script_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "control_plane"."script_executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."script_versions" ADD CONSTRAINT "script_versions_script_id_scripts_id_fk" FOREIGN KEY ("script_id") REFERENCES "control_plane"."scripts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."collector_site_configs" ADD CONSTRAINT "collector_site_configs_collector_id_collectors_id_fk" FOREIGN KEY ("collector_id") REFERENCES "control_plane"."collectors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."device_proposals" ADD CONSTRAINT "device_proposals_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "control_plane"."sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."device_proposals" ADD CONSTRAINT "device_proposals_collector_id_collectors_id_fk" FOREIGN KEY ("collector_id") REFERENCES "control_plane"."collectors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."device_proposals" ADD CONSTRAINT "device_proposals_scan_id_discovery_scans_id_fk" FOREIGN KEY ("scan_id") REFERENCES "control_plane"."discovery_scans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."discovery_links" ADD CONSTRAINT "discovery_links_scan_id_discovery_scans_id_fk" FOREIGN KEY ("scan_id") REFERENCES "control_plane"."discovery_scans"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."discovery_scans" ADD CONSTRAINT "discovery_scans_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "control_plane"."sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "control_plane"."discovery_scans" ADD CONSTRAINT "discovery_scans_collector_id_collectors_id_fk" FOREIGN KEY ("collector_id") REFERENCES "control_plane"."collectors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared"."api_tokens" ADD CONSTRAINT "api_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "shared"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared"."incident_events" ADD CONSTRAINT "incident_events_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "shared"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared"."incident_timeline" ADD CONSTRAINT "incident_timeline_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "shared"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared"."incidents" ADD CONSTRAINT "incidents_assigned_to_users_id_fk" FOREIGN KEY ("assigned_to") REFERENCES "shared"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared"."sign_in_links" ADD CONSTRAINT "sign_in_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "shared"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shared"."user_sessions" ADD CONSTRAINT "user_sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "shared"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sre_assistant"."diagnosis_history" ADD CONSTRAINT "diagnosis_history_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "sre_assistant"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sre_assistant"."evidence" ADD CONSTRAINT "evidence_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "sre_assistant"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "approvals_status_index" ON "control_plane"."approvals" USING btree ("status");--> statement-breakpoint
CREATE INDEX "devices_state_index" ON "control_plane"."devices" USING btree ("state");--> statement-breakpoint
CREATE INDEX "script_executions_collector_id_status_index" ON "control_plane"."script_executions" USING btree ("collector_id","status");--> statement-breakpoint
CREATE INDEX "device_proposals_status_index" ON "control_plane"."device_proposals" USING btree ("status");--> statement-breakpoint
CREATE INDEX "discovery_scans_collector_id_status_index" ON "control_plane"."discovery_scans" USING btree ("collector_id","status");--> statement-breakpoint
CREATE INDEX "audit_log_entity_entity_id_index" ON "shared"."audit_log" USING btree ("entity","entity_id");--> statement-breakpoint
CREATE INDEX "audit_log_at_index" ON "shared"."audit_log" USING btree ("at");--> statement-breakpoint
CREATE INDEX "bus_topic_id_index" ON "shared"."bus" USING btree ("topic","id");--> statement-breakpoint
CREATE INDEX "events_site_id_observed_at_index" ON "shared"."events" USING btree ("site_id","observed_at");--> statement-breakpoint
CREATE INDEX "events_collector_id_outbox_epoch_seq_index" ON "shared"."events" USING btree ("collector_id","outbox_epoch","seq");--> statement-breakpoint
CREATE INDEX "events_fingerprint_received_at_index" ON "shared"."events" USING btree ("fingerprint","received_at");--> statement-breakpoint
CREATE INDEX "incident_events_fingerprint_index" ON "shared"."incident_events" USING btree ("fingerprint");--> statement-breakpoint
CREATE INDEX "incident_timeline_incident_id_at_index" ON "shared"."incident_timeline" USING btree ("incident_id","at");--> statement-breakpoint
CREATE INDEX "incidents_status_created_at_index" ON "shared"."incidents" USING btree ("status","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_one_open_per_fingerprint" ON "shared"."incidents" USING btree ("site_id","fingerprint") WHERE status <> 'resolved';--> statement-breakpoint
CREATE INDEX "diagnosis_history_incident_id_created_at_index" ON "sre_assistant"."diagnosis_history" USING btree ("incident_id","created_at");--> statement-breakpoint
CREATE INDEX "evidence_incident_id_index" ON "sre_assistant"."evidence" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "evidence_session_id_index" ON "sre_assistant"."evidence" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "sessions_incident_id_started_at_index" ON "sre_assistant"."sessions" USING btree ("incident_id","started_at");
--> statement-breakpoint
CREATE FUNCTION "shared"."bus_number"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7305802);
  UPDATE "shared"."bus" SET "id" = nextval('shared.bus_id_seq') WHERE "id" = NEW."id";
  PERFORM pg_notify('watchpost_bus', '');
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "bus_number" AFTER INSERT ON "shared"."bus" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION "shared"."bus_number"();
