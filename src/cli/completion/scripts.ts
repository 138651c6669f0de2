export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * The program says what fits; the scripts only carry it. Nothing that is typed or answered is run by the shell. The last
 * line of an answer is `:4` (these values), `:0` (and files) or `:16` (and folders).
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `# Completion of larder for bash 4.4 or newer; needs no other package.
_larder() {
  local answer
  mapfile -t answer < <("\${1/#\\~/$HOME}" complete "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" "$COMP_TYPE" 2>/dev/null)
  (( \${#answer[@]} > 0 )) || return 0
  case \${answer[-1]} in
    :0) compopt -o default ;;
    :16) compopt -o dirnames ;;
    :4) ;;
    *) return 0 ;;
  esac
  COMPREPLY=("\${answer[@]:0:\${#answer[@]}-1}")
}
complete -F _larder larder
`,
  zsh: `#compdef larder
# Completion of larder for zsh.
_larder() {
  local -a answer described
  local line value note ending
  answer=("\${(@f)$("\${(Q)words[1]/#\\~/$HOME}" complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  ending=\${answer[-1]}
  answer[-1]=()
  [[ $PREFIX == --*=* ]] && compset -P '*='
  for line in "\${answer[@]}"; do
    value=\${line%%$'\\t'*}
    note=''
    [[ $line == *$'\\t'* ]] && note=\${line#*$'\\t'}
    value=\${value//\\\\/\\\\\\\\}
    described+=("\${value//:/\\\\:}:$note")
  done
  (( \${#described} > 0 )) && _describe -t values larder described && return 0
  case $ending in
    :0) _files ;;
    :16) _files -/ ;;
  esac
}
if [[ \${funcstack[1]} == _larder ]]; then
  _larder "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _larder larder
fi
`,
  fish: `# Completion of larder for fish.
function __larder_complete
  set -l words (commandline -opc)
  set -l typed (commandline -ct | string unescape)
  set -l answer ($words[1] complete -- $words[2..-1] "$typed" 2>/dev/null)
  set -q answer[1]; or return 0
  set -l before (string match -r -- '^--[^=]+=' "$typed")
  for line in $answer[1..-2]
    echo -- "$before$line"
  end
  switch $answer[-1]
    case :0
      __fish_complete_path "$typed"
    case :16
      __fish_complete_directories "$typed"
  end
end
complete -c larder -e
complete -c larder -f -a '(__larder_complete)'
`,
};
