# Everything a newcomer needs: `make demo` shows a living centre, `make test` proves the whole.
# Both do all set-up themselves; a bare machine needs Python 3.11 (or newer), make and git.

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
PINS := requirements/build.txt tools/setup.sh pyproject.toml
# The map console is built when its sources are newer than what was built last.
ISLAND := $(VENV)/island.stamp
ISLAND_SOURCES := $(shell find frontend -name node_modules -prune -o -type f -print 2>/dev/null) tools/island.sh
TRANSLATE = $(BIN)/python -m anlan.core.i18n

.PHONY: help setup setup-dev demo test test-release bundle lint lock messages docs pictures clean

help:
	@echo "make demo          a living demo centre; prints its address and sign-in   演示中心"
	@echo "make test          every check: lint, types, rooms, tests on both stores   全部检查"
	@echo "make setup         only make .venv/bin/anlan                               只做安装"
	@echo "make lint          only the checks that need no tests                      只做静态检查"
	@echo "make test-release  what a release is held to, in slices for MINUTES (10),   发布前检查"
	@echo "                   on from the last; says how much is done (ADVISORIES=FILE)"
	@echo "make bundle        one signed archive that a closed network installs       离线安装包"
	@echo "make lock          pin the requirements anew                               重新锁定依赖"
	@echo "make messages      bring every room's translations up to date              更新译文目录"
	@echo "make docs          draw the generated pages anew                           重新生成文档"
	@echo "make pictures      photograph every screen of a demo for docs/screens.md    重新拍摄界面图"
	@echo "make clean         remove .venv, caches and test leftovers                 清理"

setup: $(VENV)/run.stamp $(ISLAND)
	@$(TRANSLATE)
setup-dev: $(VENV)/dev.stamp $(ISLAND)
	@$(TRANSLATE)

$(VENV)/run.stamp: $(PINS) requirements/run.txt
	@VENV=$(VENV) sh tools/setup.sh run

$(VENV)/dev.stamp: $(PINS) requirements/dev.txt
	@VENV=$(VENV) sh tools/setup.sh dev

$(ISLAND): $(ISLAND_SOURCES)
	@VENV=$(VENV) sh tools/island.sh

demo: $(VENV)/run.stamp $(ISLAND)
	@$(TRANSLATE)
	@exec $(BIN)/anlan demo

test: $(VENV)/dev.stamp $(ISLAND)
	@$(TRANSLATE)
	@exec $(BIN)/python tools/check.py lint frontend sqlite postgres

test-release: $(VENV)/dev.stamp $(ISLAND)
	@$(TRANSLATE)
	@$(BIN)/python tools/release.py --minutes $(or $(MINUTES),10) $(if $(ADVISORIES),--advisories $(ADVISORIES)) $(ONLY); \
	 done=$$?; $(BIN)/python tools/reliability.py; exit $$done

bundle: $(VENV)/dev.stamp $(ISLAND)
	@exec $(BIN)/python tools/bundle.py --machine $(or $(MACHINE),x86_64)

lint: $(VENV)/dev.stamp
	@$(TRANSLATE)
	@exec $(BIN)/python tools/check.py lint

lock: $(VENV)/dev.stamp
	@BIN=$(BIN) sh tools/lock.sh

messages: $(VENV)/dev.stamp
	@$(BIN)/python tools/messages.py

docs: $(VENV)/dev.stamp
	@$(BIN)/python tools/sbom.py
	@$(BIN)/python tools/docs_states.py
	@$(BIN)/python tools/docs_reference.py

pictures: $(VENV)/dev.stamp $(ISLAND)
	@$(TRANSLATE)
	@$(BIN)/python tools/screenshots.py

clean:
	rm -rf $(VENV) build dist frontend/node_modules src/anlan/console/static/console/island .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache src/*.egg-info
	find src -name '*.mo' -delete
