/*
 * A small asynchronous poller on net-snmp's C library: single-session API, epoll, one GETBULK over all columns, each
 * column continued from its own last OID. Usage: peer v2c|v3 IN_FLIGHT PORT...; then lines "run N" and "observed".
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define COLUMNS 14
#define PORTS_MAX 64
#define REPETITIONS 10
#define EVENTS_MAX 256

static const oid IF_ENTRY[] = {1, 3, 6, 1, 2, 1, 2, 2, 1};
static const oid IFX_ENTRY[] = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1};
static const oid UPTIME[] = {1, 3, 6, 1, 2, 1, 1, 3};
static const int IF_COLUMNS[] = {7, 8, 13, 14, 19, 20};

struct column {
  oid prefix[16];
  size_t prefix_length;
  oid last[MAX_OID_LEN];
  size_t last_length;
  int done;
};

struct device {
  int number;
  void *session;
  int fd;
  struct column columns[COLUMNS];
  int asked[COLUMNS];
  int asked_count;
  int has_uptime;
  uint64_t uptime;
  uint64_t values[COLUMNS][PORTS_MAX];
};

static struct device *devices;
static int device_count, polls_left, polls_done, polls_wanted, next_device;
static long requests;
static int epoll;

static void start_next(void);

static void fail(const char *what) {
  fprintf(stderr, "peer: %s\n", what);
  exit(1);
}

static void send_request(struct device *device);

static void store(struct device *device, int number, netsnmp_variable_list *var) {
  struct column *column = &device->columns[number];
  size_t prefix = column->prefix_length;
  if (column->done) return;
  if (var->type >= SNMP_NOSUCHOBJECT || var->name_length != prefix + 1 ||
      memcmp(var->name, column->prefix, prefix * sizeof(oid)) != 0) {
    column->done = 1;
    return;
  }
  if (snmp_oid_compare(var->name, var->name_length, column->last, column->last_length) <= 0) {
    column->done = 1;
    return;
  }
  memcpy(column->last, var->name, var->name_length * sizeof(oid));
  column->last_length = var->name_length;
  oid port = var->name[prefix];
  if (port >= PORTS_MAX) return;
  if (var->type == ASN_COUNTER64)
    device->values[number][port] = ((uint64_t)var->val.counter64->high << 32) | (uint32_t)var->val.counter64->low;
  else
    device->values[number][port] = (uint32_t)*var->val.integer;
}

static int on_answer(int operation, struct snmp_session *session, int id, struct snmp_pdu *pdu, void *magic) {
  struct device *device = magic;
  (void)session;
  (void)id;
  if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE) fail("a poll timed out");
  if (pdu->command != SNMP_MSG_RESPONSE || pdu->errstat != SNMP_ERR_NOERROR) fail("an agent answered with an error");
  netsnmp_variable_list *var = pdu->variables;
  if (!device->has_uptime && var) {
    device->uptime = (uint32_t)*var->val.integer;
    device->has_uptime = 1;
    var = var->next_variable;
  }
  for (int place = 0; var; var = var->next_variable, place++) store(device, device->asked[place % device->asked_count], var);
  int waiting = 0;
  for (int i = 0; i < COLUMNS; i++) waiting += !device->columns[i].done;
  if (waiting > 0) send_request(device);
  else {
    polls_done++;
    start_next();
  }
  return 1;
}

static void send_request(struct device *device) {
  struct snmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GETBULK);
  pdu->non_repeaters = device->has_uptime ? 0 : 1;
  pdu->max_repetitions = REPETITIONS;
  if (!device->has_uptime) snmp_add_null_var(pdu, UPTIME, OID_LENGTH(UPTIME));
  device->asked_count = 0;
  for (int i = 0; i < COLUMNS; i++) {
    struct column *column = &device->columns[i];
    if (column->done) continue;
    device->asked[device->asked_count++] = i;
    snmp_add_null_var(pdu, column->last, column->last_length);
  }
  requests++;
  if (!snmp_sess_async_send(device->session, pdu, on_answer, device)) fail("a request could not be sent");
}

static void start_next(void) {
  if (polls_left == 0) return;
  polls_left--;
  struct device *device = &devices[next_device++ % device_count];
  device->has_uptime = 0;
  for (int i = 0; i < COLUMNS; i++) {
    struct column *column = &device->columns[i];
    memcpy(column->last, column->prefix, column->prefix_length * sizeof(oid));
    column->last_length = column->prefix_length;
    column->done = 0;
  }
  send_request(device);
}

static void open_device(struct device *device, int number, const char *version, const char *port) {
  struct snmp_session session;
  char peer[64];
  snprintf(peer, sizeof peer, "udp:127.0.0.1:%s", port);
  snmp_sess_init(&session);
  session.peername = peer;
  session.timeout = 2000000;
  session.retries = 2;
  if (strcmp(version, "v3") == 0) {
    const char *auth = "bench-auth-password", *priv = "bench-priv-password";
    session.version = SNMP_VERSION_3;
    session.securityName = "bench";
    session.securityNameLen = strlen(session.securityName);
    session.securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
    session.securityAuthProto = snmp_duplicate_objid(usmHMAC192SHA256AuthProtocol, OID_LENGTH(usmHMAC192SHA256AuthProtocol));
    session.securityAuthProtoLen = OID_LENGTH(usmHMAC192SHA256AuthProtocol);
    session.securityAuthKeyLen = USM_AUTH_KU_LEN;
    session.securityPrivProto = snmp_duplicate_objid(usmAESPrivProtocol, OID_LENGTH(usmAESPrivProtocol));
    session.securityPrivProtoLen = OID_LENGTH(usmAESPrivProtocol);
    session.securityPrivKeyLen = USM_PRIV_KU_LEN;
    if (generate_Ku(session.securityAuthProto, session.securityAuthProtoLen, (const u_char *)auth, strlen(auth),
                    session.securityAuthKey, &session.securityAuthKeyLen) != SNMPERR_SUCCESS ||
        generate_Ku(session.securityAuthProto, session.securityAuthProtoLen, (const u_char *)priv, strlen(priv),
                    session.securityPrivKey, &session.securityPrivKeyLen) != SNMPERR_SUCCESS)
      fail("keys could not be made");
  } else {
    session.version = SNMP_VERSION_2c;
    session.community = (u_char *)"public";
    session.community_len = 6;
  }
  device->number = number;
  device->session = snmp_sess_open(&session);
  if (!device->session) fail("a session could not be opened");
  device->fd = snmp_sess_transport(device->session)->sock;
  for (int i = 0; i < COLUMNS; i++) {
    struct column *column = &device->columns[i];
    const int narrow = i < (int)(sizeof IF_COLUMNS / sizeof *IF_COLUMNS);
    const oid *entry = narrow ? IF_ENTRY : IFX_ENTRY;
    size_t length = narrow ? OID_LENGTH(IF_ENTRY) : OID_LENGTH(IFX_ENTRY);
    memcpy(column->prefix, entry, length * sizeof(oid));
    column->prefix[length] = narrow ? IF_COLUMNS[i] : i;
    column->prefix_length = length + 1;
  }
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = device};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, device->fd, &event) != 0) fail("epoll refused a socket");
}

static double cpu_ms(struct rusage *usage) {
  getrusage(RUSAGE_SELF, usage);
  return usage->ru_utime.tv_sec * 1e3 + usage->ru_utime.tv_usec / 1e3 + usage->ru_stime.tv_sec * 1e3 +
         usage->ru_stime.tv_usec / 1e3;
}

static void run(int polls, int in_flight) {
  struct rusage usage;
  struct epoll_event events[EVENTS_MAX];
  netsnmp_large_fd_set readable;
  netsnmp_large_fd_set_init(&readable, FD_SETSIZE);
  polls_wanted = polls_left = polls;
  polls_done = 0;
  requests = 0;
  double before = cpu_ms(&usage);
  for (int i = 0; i < in_flight; i++) start_next();
  while (polls_done < polls_wanted) {
    int count = epoll_wait(epoll, events, EVENTS_MAX, 100);
    for (int i = 0; i < count; i++) {
      struct device *device = events[i].data.ptr;
      netsnmp_large_fd_setfd(device->fd, &readable);
      snmp_sess_read2(device->session, &readable);
      netsnmp_large_fd_clr(device->fd, &readable);
    }
    if (count == 0)
      for (int i = 0; i < device_count; i++) snmp_sess_timeout(devices[i].session);
  }
  double spent = cpu_ms(&usage) - before;
  netsnmp_large_fd_set_cleanup(&readable);
  printf("{\"polls\":%d,\"cpuMs\":%.3f,\"rssBytes\":%ld,\"requests\":%ld}\n", polls, spent, usage.ru_maxrss * 1024, requests);
  fflush(stdout);
}

static void observed(void) {
  const char *separator = "[";
  for (int d = 0; d < device_count; d++)
    for (int c = 0; c < COLUMNS; c++)
      for (int port = 1; port < PORTS_MAX; port++) {
        uint64_t value = devices[d].values[c][port];
        if (value == 0) continue;
        printf("%s{\"device\":%d,\"port\":%d,\"column\":%d,\"value\":%llu}", separator, d, port, c, (unsigned long long)value);
        separator = ",";
      }
  printf("]\n");
  fflush(stdout);
}

int main(int argc, char **argv) {
  char line[64];
  if (argc < 4) fail("usage: peer v2c|v3 IN_FLIGHT PORT...");
  setenv("MIBS", "", 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
  init_snmp("bench-peer");
  epoll = epoll_create1(0);
  device_count = argc - 3;
  devices = calloc((size_t)device_count, sizeof *devices);
  if (!devices) fail("no memory");
  for (int i = 0; i < device_count; i++) open_device(&devices[i], i, argv[1], argv[i + 3]);
  while (fgets(line, sizeof line, stdin)) {
    if (strncmp(line, "run ", 4) == 0) run(atoi(line + 4), atoi(argv[2]));
    else observed();
  }
  return 0;
}
