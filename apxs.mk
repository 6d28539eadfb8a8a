# The whole build. Writes only below $(OUT).
#
#   make -f apxs.mk                    the module, the tool and its manual
#   make -f apxs.mk unit fuzz aux      what the tests run
#   make -f apxs.mk install DESTDIR=…  as a package does
#
#   OUT=DIR        where everything goes (build/out)
#   CC=…  CFLAGS=… compiler, flags added after ours
#   SAN=asan       address and undefined-behaviour sanitizers; give it its own OUT
#   POLICYDIR=DIR  where shipped policies are looked up at run time (their copies in OUT, which nobody but their owner may write)
#   APXS=…         apxs of the httpd to build for
#   WERROR=        warnings are only told, as packages build
#   V=1            whole command lines

VERSION := 0.1.0

OUT       ?= build/out
SAN       ?=
POLICYDIR ?= $(abspath $(OUT))/policies
APXS      ?= $(firstword $(shell command -v apxs apxs2 /usr/sbin/apxs /usr/bin/apxs 2>/dev/null) apxs)
PREFIX    ?= /usr
WERROR    ?= -Werror
V         ?= 0

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all module tool manual unit fuzz fuzz-live aux install clean FORCE
all: module tool manual

# --- sources: whatever stands in the floors; a floor may be empty ---

FLOORS      := core xml tls httpd cli
sources      = $(wildcard mod_fcgi_trust/$(1)/*.c)
objects      = $(patsubst mod_fcgi_trust/%.c,$(OUT)/obj/%.o,$(call sources,$(1)))
LIB_OBJECTS := $(foreach floor,core xml tls,$(call objects,$(floor)))

UNIT  := $(patsubst t/unit/%.c,$(OUT)/t/%,$(wildcard t/unit/*.c))
FUZZ  := $(patsubst t/fuzz/%.c,$(OUT)/fuzz/%,$(filter-out t/fuzz/replay.c,$(wildcard t/fuzz/*.c)))
AUX_SOURCES := $(wildcard t/lib/*.c t/bench/*.c)
# t/lib/mod_*.c are httpd modules, t/lib/preload_*.c are for LD_PRELOAD, the rest are programs
AUX   := $(foreach source,$(AUX_SOURCES),$(OUT)/t/aux/$(basename $(notdir $(source)))$(if \
           $(filter mod_% preload_%,$(notdir $(source))),.so))

# --- flags ---

APR_CONFIG := $(firstword $(shell command -v apr-1-config apr-config 2>/dev/null) apr-1-config)
APU_CONFIG := $(firstword $(shell command -v apu-1-config apu-config 2>/dev/null) apu-1-config)
system      = $(patsubst -I%,-isystem %,$(1))

APR_CPPFLAGS   := $(shell $(APR_CONFIG) --cppflags) $(call system,$(shell $(APR_CONFIG) --includes))
APR_LIBS       := $(shell $(APU_CONFIG) --link-ld) $(shell $(APR_CONFIG) --link-ld --libs)
XML_CPPFLAGS   := $(call system,$(shell pkg-config --cflags libxml-2.0))
TLS_CPPFLAGS   := $(call system,$(shell pkg-config --cflags libcrypto))
HTTPD_CPPFLAGS := -isystem $(shell $(APXS) -q INCLUDEDIR)
FCT_LIBS       := $(shell pkg-config --libs libxml-2.0 libpcre2-8 libcrypto)

CFLAGS_asan   := -U_FORTIFY_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS_fuzzer := $(CFLAGS_asan) -fsanitize=fuzzer-no-link
CFLAGS_       := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
ifeq (,$(filter $(SAN),asan fuzzer))
ifneq (,$(SAN))
$(error SAN: '$(SAN)' is not one of asan, fuzzer)
endif
endif

WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla $(WERROR)
HARDENED := -fstack-protector-strong
LINK     := -Wl,-z,relro -Wl,-z,now -Wl,--as-needed
ALL_CFLAGS = -std=c99 -D_GNU_SOURCE -O2 -g -fPIC $(WARNINGS) $(HARDENED) $(CFLAGS_$(SAN)) \
             -DFCT_VERSION='"$(VERSION)"' -DFCT_POLICY_DIR='"$(POLICYDIR)"' $(CFLAGS)
PROGRAM    = -pie $(LINK) $(CFLAGS_$(SAN)) $(LDFLAGS)
SHARED     = -shared $(LINK) $(CFLAGS_$(SAN)) $(LDFLAGS)

# A floor sees itself and those below it, and no foreign headers but its own. HOUSE: rooms and floors.
floor_dirs    = $(patsubst %,-Imod_fcgi_trust/%,$(1))
SEES_core    := $(call floor_dirs,core) $(APR_CPPFLAGS)
SEES_xml     := $(call floor_dirs,core xml) $(APR_CPPFLAGS) $(XML_CPPFLAGS)
SEES_tls     := $(call floor_dirs,core tls) $(APR_CPPFLAGS) $(TLS_CPPFLAGS)
SEES_httpd   := $(call floor_dirs,core xml tls httpd) $(APR_CPPFLAGS) $(HTTPD_CPPFLAGS)
# httpd's tables end with { NULL }, which clang takes for a slip
SEES_httpd   += -Wno-missing-field-initializers
SEES_cli     := $(call floor_dirs,core xml tls cli) $(APR_CPPFLAGS)
SEES_test    := $(call floor_dirs,core xml tls) -It/unit $(APR_CPPFLAGS)
HIDDEN_core  := -fvisibility=hidden
HIDDEN_xml   := -fvisibility=hidden
HIDDEN_tls   := -fvisibility=hidden

# --- how one thing is made ---

Q   := $(if $(filter 1,$(V)),,@)
say  = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' '$(1)' '$@')

# Everything is rebuilt when compiler or flags change.
STAMP := $(OUT)/obj/flags
$(STAMP): FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$FCT_FLAGS" | cmp -s - $@ || printf '%s\n' "$$FCT_FLAGS" > $@
$(STAMP): export FCT_FLAGS = $(CC) $(ALL_CFLAGS) $(LDFLAGS) $(APR_CPPFLAGS) $(HTTPD_CPPFLAGS)

define floor_rule
$(OUT)/obj/$(1)/%.o: mod_fcgi_trust/$(1)/%.c $(STAMP)
	$$(call say,cc)
	@mkdir -p $$(@D)
	$(Q)$$(CC) $$(ALL_CFLAGS) $$(HIDDEN_$(1)) $$(SEES_$(1)) -MMD -MP -c -o $$@ $$<
endef
$(foreach floor,$(FLOORS),$(eval $(call floor_rule,$(floor))))

LIB := $(OUT)/obj/libfct.a
$(LIB): $(LIB_OBJECTS) $(STAMP)
	$(call say,ar)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJECTS)

# The tool's parts without its main, for what the tests run.
CLI_LIB := $(OUT)/obj/libfct_cli.a
$(CLI_LIB): $(filter-out %/main.o,$(call objects,cli)) $(STAMP)
	$(call say,ar)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

# --- products ---

MODULE := $(if $(call sources,httpd),$(OUT)/mod_fcgi_trust.so)
TOOL   := $(if $(call sources,cli),$(OUT)/fcgi-trust)
module: $(MODULE) policies
tool: $(TOOL) policies

# A policy that others may write is refused; a checkout's files may have any mode. Their tests stay where they are.
POLICY_TESTS := $(wildcard policies/*.test.*)
POLICIES     := $(filter-out $(POLICY_TESTS),$(wildcard policies/*))
.PHONY: policies
policies: $(patsubst policies/%,$(OUT)/policies/%,$(filter %.xml,$(POLICIES)))
$(OUT)/policies/%.xml: policies/%.xml
	@mkdir -p $(@D)
	@install -m 644 $< $@

$(OUT)/mod_fcgi_trust.so: $(call objects,httpd) $(LIB_OBJECTS) build/exports.map $(STAMP)
	$(call say,ld)
	$(Q)$(CC) $(SHARED) -Wl,--version-script=build/exports.map -o $@ \
	    $(filter %.o,$^) $(FCT_LIBS)

$(OUT)/fcgi-trust: $(call objects,cli) $(LIB) $(STAMP)
	$(call say,ld)
	$(Q)$(CC) $(PROGRAM) -o $@ $(filter %.o,$^) $(LIB) $(FCT_LIBS) $(APR_LIBS)

# --- the manual, from what the tool says of itself ---

MANUAL := $(OUT)/man/fcgi-trust.1 $(OUT)/man/mod_fcgi_trust-policy.5 $(OUT)/man/fcgi-trust.bash
manual: $(if $(TOOL),$(OUT)/man/made)
$(OUT)/man/made: $(OUT)/fcgi-trust build/manual $(wildcard build/man/*) README.md
	$(call say,man)
	@mkdir -p $(@D)
	$(Q)build/manual $(abspath $<) $(VERSION) "$(POLICYDIR)" $(@D)
	@touch $@

# --- what the tests run ---

unit: $(UNIT)
fuzz: $(FUZZ)
aux: $(AUX)

$(OUT)/t/%: t/unit/%.c $(LIB) $(STAMP)
	$(call say,cc)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(SEES_test) -MMD -MP -MF $@.d $(PROGRAM) -o $@ $< $(LIB) $(FCT_LIBS) $(APR_LIBS)

# A fuzz target is linked with a main that replays files, or with libFuzzer's own where SAN=fuzzer.
FUZZ_MAIN := $(if $(filter fuzzer,$(SAN)),-fsanitize=fuzzer,t/fuzz/replay.c)
$(OUT)/fuzz/%: t/fuzz/%.c t/fuzz/replay.c $(CLI_LIB) $(LIB) $(STAMP)
	$(call say,cc)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes $(SEES_test) $(call floor_dirs,cli) -It/fuzz $(PROGRAM) \
	    -o $@ $< $(FUZZ_MAIN) $(CLI_LIB) $(LIB) $(FCT_LIBS) $(APR_LIBS)

fuzz-live:
	$(Q)$(MAKE) -f apxs.mk fuzz CC=clang SAN=fuzzer OUT=$(OUT)/live

aux_program = $(CC) $(ALL_CFLAGS) $(APR_CPPFLAGS) $(1) -o $@ $<
$(OUT)/t/aux/libfcgi_%: t/lib/libfcgi_%.c $(STAMP)
	$(call say,cc)
	@mkdir -p $(@D)
	$(Q)$(call aux_program,$(PROGRAM)) -lfcgi

$(OUT)/t/aux/mod_%.so: t/lib/mod_%.c $(STAMP)
	$(call say,cc)
	@mkdir -p $(@D)
	$(Q)$(call aux_program,$(HTTPD_CPPFLAGS) -Wno-missing-field-initializers $(SHARED))

$(OUT)/t/aux/preload_%.so: t/lib/preload_%.c $(STAMP)
	$(call say,cc)
	@mkdir -p $(@D)
	$(Q)$(call aux_program,$(SHARED)) -ldl

$(OUT)/t/aux/%: t/lib/%.c $(STAMP)
	$(call say,cc)
	@mkdir -p $(@D)
	$(Q)$(call aux_program,$(PROGRAM)) -lpthread

$(OUT)/t/aux/%: t/bench/%.c $(STAMP)
	$(call say,cc)
	@mkdir -p $(@D)
	$(Q)$(call aux_program,$(PROGRAM)) -lpthread

# --- installation ---

LIBEXECDIR = $(shell $(APXS) -q LIBEXECDIR)
SHAREDIR   = $(PREFIX)/share/mod_fcgi_trust
MANDIR     = $(PREFIX)/share/man
COMPLETIONDIR = $(PREFIX)/share/bash-completion/completions
install: all
	install -d "$(DESTDIR)$(LIBEXECDIR)" "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(SHAREDIR)/policies"
	$(if $(MODULE),install -m 644 $(MODULE) "$(DESTDIR)$(LIBEXECDIR)/")
	$(if $(TOOL),install -m 755 $(TOOL) "$(DESTDIR)$(PREFIX)/bin/")
	$(if $(TOOL),install -d "$(DESTDIR)$(MANDIR)/man1" "$(DESTDIR)$(MANDIR)/man5" "$(DESTDIR)$(COMPLETIONDIR)")
	$(if $(TOOL),install -m 644 $(filter %.1,$(MANUAL)) "$(DESTDIR)$(MANDIR)/man1/")
	$(if $(TOOL),install -m 644 $(filter %.5,$(MANUAL)) "$(DESTDIR)$(MANDIR)/man5/")
	$(if $(TOOL),install -m 644 $(filter %.bash,$(MANUAL)) "$(DESTDIR)$(COMPLETIONDIR)/fcgi-trust")
	$(if $(POLICIES),install -m 644 $(POLICIES) "$(DESTDIR)$(SHAREDIR)/policies/")
	$(if $(POLICY_TESTS),install -d "$(DESTDIR)$(SHAREDIR)/tests" && install -m 644 $(POLICY_TESTS) "$(DESTDIR)$(SHAREDIR)/tests/")

clean:
	rm -rf "$(OUT)"

-include $(foreach floor,$(FLOORS),$(patsubst %.o,%.d,$(call objects,$(floor)))) $(patsubst %,%.d,$(UNIT))
