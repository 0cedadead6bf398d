#!/usr/bin/env bash
# Puts together a Windows CPython 3.11 with what the agent needs there and pytest, to run its tests under Wine: wine-python.sh DIR
#   python311.dll and the extension modules: a Windows wheel of panda3d carries them; its own code is not used
#   the library in Python: that of the CPython 3.11 which runs here; the agent itself: this checkout, through a .pth file
#   python.exe, pythonw.exe and python3.dll: a few lines of C each
# Needs on Debian: wine64 gcc-mingw-w64-x86-64 binutils-mingw-w64-x86-64; and a Python 3.11 with uv and pip, which make gives.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD target=$(realpath -m "$1") python=${PYTHON:-python3}
work=$target/work
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "$0: PYTHON must be a CPython 3.11" >&2; exit 1; }
mkdir -p "$target/DLLs" "$target/Lib/site-packages" "$work"

"$python" -m pip --disable-pip-version-check download --quiet --no-deps --only-binary=:all: --platform win_amd64 \
  --python-version 3.11 --implementation cp --dest "$work" panda3d==1.10.16
"$python" - "$work"/panda3d-*.whl "$target" <<'PYTHON'
import pathlib, sys, zipfile
target = pathlib.Path(sys.argv[2])
wheel = zipfile.ZipFile(sys.argv[1])
for entry in wheel.namelist():
    name = entry.rpartition("/")[2]
    if entry.startswith("deploy_libs/") and not name.startswith(("tcl", "tk", "_tkinter", "winsound", "api-ms")):
        beside = name.lower().startswith(("python3", "vcruntime"))
        (target / name if beside else target / "DLLs" / name).write_bytes(wheel.read(entry))
PYTHON

library=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
tar -C "$library" -c --exclude=__pycache__ --exclude=test --exclude=tests --exclude=idlelib --exclude=tkinter --exclude=ensurepip \
  --exclude=lib2to3 --exclude=site-packages --exclude=dist-packages --exclude=lib-dynload --exclude='config-*' . | tar -C "$target/Lib" -x
# Frozen into the DLL is an importlib of a later 3.11, which calls this on the class.
sed -i 's/^    def invalidate_caches(cls):/    @classmethod\n&/' "$target/Lib/importlib/metadata/__init__.py"

cat >"$work/start.c" <<'C'
#include <windows.h>
int main(void) {
    int count;
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), &count);
    HMODULE library = LoadLibraryW(L"python311.dll");
    FARPROC run = library ? GetProcAddress(library, "Py_Main") : NULL;
    return run ? ((int (*)(int, wchar_t **))(void *)run)(count, words) : 103;
}
C
x86_64-w64-mingw32-gcc -Os -s -o "$target/python.exe" "$work/start.c"
x86_64-w64-mingw32-gcc -Os -s -mwindows -o "$target/pythonw.exe" "$work/start.c"
# Modules for the stable interface ask for python3.dll: every name in it leads to python311.dll.
{
  echo 'LIBRARY python3.dll' && echo EXPORTS
  x86_64-w64-mingw32-objdump -p "$target/python311.dll" | sed -n 's/^.*\[ *[0-9]*\].* \(_\?Py[A-Za-z0-9_]*\)$/  \1 = python311.\1/p' | sort -u
} >"$work/python3.def"
echo 'int __stdcall start(void *a, unsigned b, void *c) { return 1; }' >"$work/python3.c"
x86_64-w64-mingw32-gcc -shared -nostdlib -s -o "$target/python3.dll" "$work/python3.c" "$work/python3.def" -e start

uv() { PYTHONPATH=.tools "$python" -m uv "$@" --quiet --python-platform x86_64-pc-windows-msvc --python-version 3.11; }
printf '%s\n' pytest pytest-timeout hypothesis >"$work/tests.txt"
uv pip compile --generate-hashes --no-header --constraint requirements.lock --no-emit-package planwhy-shared \
  --no-emit-package planwhy-agent -o "$work/requirements.txt" shared/pyproject.toml agent/pyproject.toml "$work/tests.txt"
uv pip install --no-deps --only-binary :all: --require-hashes --target "$target/Lib/site-packages" -r "$work/requirements.txt"
printf '%s\n' "Z:$here/shared" "Z:$here/agent" >"$target/Lib/site-packages/planwhy.pth"
