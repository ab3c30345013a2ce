# Completions of restante for fish.
function __restante_complete
    set -l words (commandline -opc)
    set -l command $words[1]
    set -e words[1]
    $command complete -- $words (commandline -ct) 2>/dev/null
end
complete -c restante -a '(__restante_complete)'
